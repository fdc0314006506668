"""What a data team does with its own clients, against the ClickHouse at the URL given. Prints a JSON object of results."""

import json
import sys
from urllib.parse import quote, urlparse

import clickhouse_connect
import pandas as pd
from clickhouse_connect.driver.exceptions import DatabaseError
from sqlalchemy import MetaData, Table, create_engine, func, inspect, select

url = urlparse(sys.argv[1])
user, password, reader, reader_password = sys.argv[2:6]


def connect(name=user, secret=password, **options):
    return clickhouse_connect.get_client(
        host=url.hostname, port=url.port, username=name, password=secret, database="switchboard", **options
    )


client = connect()
results = {}

client.command(
    "CREATE TABLE py (id UInt32, name String, at DateTime64(3, 'UTC'), n Nullable(Float64)) ENGINE = MergeTree ORDER BY id"
)
rows = [[1, "a", pd.Timestamp("2026-01-01", tz="UTC"), None], [2, "b'\\", pd.Timestamp("2026-01-02", tz="UTC"), 2.5]]
client.insert("py", rows, column_names=["id", "name", "at", "n"])
answer = client.query("SELECT id, name, n FROM py WHERE id >= {least:UInt32} ORDER BY id", parameters={"least": 1})
results["rows"] = answer.result_rows

# A frame through each compression that the client can ask for; lz4 is what it takes unasked.
frame = pd.DataFrame({"id": range(10, 50010), "name": "x" * 20, "at": pd.Timestamp("2026-01-01", tz="UTC"), "n": 1.5})
for compression in ["lz4", "zstd", "gzip", False]:
    table = f"frame_{compression}".lower()
    client.command(f"CREATE TABLE {table} AS py")
    other = connect(compress=compression)
    other.insert_df(table, frame)
    back = other.query_df(f"SELECT * FROM {table} ORDER BY id")
    results[table] = [len(back), bool((back["id"] == frame["id"]).all() and (back["name"] == frame["name"]).all())]

with client.query_row_block_stream("SELECT number FROM numbers(1000000)") as blocks:
    results["streamed"] = sum(len(block) for block in blocks)

try:
    client.query("SELECT nope")
except DatabaseError as error:
    results["error"] = "code: 47" in str(error)

analyst = connect(reader, reader_password)
results["reader reads"] = analyst.query("SELECT count() FROM py").result_rows
try:
    analyst.command("DROP TABLE py")
    results["reader writes"] = "yes"
except DatabaseError as error:
    results["reader writes"] = "no" if "code: 164" in str(error) else str(error)

for dialect in ["clickhouse+http", "clickhousedb"]:
    engine = create_engine(f"{dialect}://{user}:{quote(password, safe='')}@{url.hostname}:{url.port}/switchboard")
    with engine.connect() as connection:
        py = Table("py", MetaData(), autoload_with=engine)
        counted = connection.execute(select(func.count(), func.max(py.c.name)).where(py.c.id > 1)).fetchall()
    names = [column["name"] for column in inspect(engine).get_columns("py")]
    read = pd.read_sql("SELECT id, name FROM py ORDER BY id", engine).to_dict("list")
    results[dialect] = [[list(row) for row in counted], names, read]

print(json.dumps(results))
