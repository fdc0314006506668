import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** What Metabase and its like do, by ClickHouse's JDBC driver. Prints a line for each result: its name, then what it is. */
class UseJdbc {
  public static void main(String[] given) throws Exception {
    String url = given[0];
    // As it comes: answers in ClickHouse's own blocks. Then with inserts in them too, then both as LZ4 frames by HTTP.
    Map<String, String> blocks = Map.of("decompress", "true");
    Map<String, String> frames = Map.of("decompress", "true", "client.use_http_compression", "true");
    for (Map<String, String> compression : List.of(Map.<String, String>of(), blocks, frames)) {
      try (Connection connection = connect(url, given[1], given[2], compression)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(
              "CREATE OR REPLACE TABLE jdbc (id UInt32, name String, at DateTime, n Nullable(Float64)) ENGINE = MergeTree ORDER BY id");
        }
        // The driver takes minutes to make frames of 4 MB.
        print("inserted", insert(connection, compression == frames ? 1_000 : 50_000));
        print("read", read(connection));
        print("large", large(connection));
        print("error", error(connection, "SELECT nope"));
      }
    }
    try (Connection connection = connect(url, given[1], given[2], Map.of())) {
      print("columns", columns(connection));
    }
    try (Connection reader = connect(url, given[3], given[4], Map.of())) {
      print("reader reads", one(reader, "SELECT count() FROM jdbc"));
      print("reader writes", error(reader, "DROP TABLE jdbc"));
      print("reader looks elsewhere", error(reader, "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')"));
    }
    print("stranger", error(connect(url, given[3], "wrong", Map.of()), "SELECT 1"));
  }

  private static Connection connect(String url, String user, String password, Map<String, String> options) throws SQLException {
    Properties properties = new Properties();
    properties.putAll(options);
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    return DriverManager.getConnection(url, properties);
  }

  private static String insert(Connection connection, int rows) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO jdbc (id, name, at, n) VALUES (?, ?, ?, ?)")) {
      for (int id = 0; id < rows; id += 1) {
        insert.setInt(1, id);
        insert.setString(2, "it's \\ " + id + " ü");
        insert.setTimestamp(3, Timestamp.from(Instant.parse("2026-01-01T00:00:00Z")));
        if (id % 2 == 0) insert.setNull(4, java.sql.Types.DOUBLE);
        else insert.setDouble(4, id / 2.0);
        insert.addBatch();
      }
      return String.valueOf(insert.executeBatch().length);
    }
  }

  private static String read(Connection connection) throws SQLException {
    String sql = "SELECT id, name, at, n FROM jdbc WHERE id >= ? ORDER BY id LIMIT 2";
    List<String> rows = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setInt(1, 7);
      try (ResultSet result = select.executeQuery()) {
        while (result.next()) {
          rows.add(result.getInt("id") + "|" + result.getString("name") + "|" + result.getObject("n"));
        }
      }
    }
    return String.join(", ", rows);
  }

  /** Every row of a result of many blocks. */
  private static String large(Connection connection) throws SQLException {
    long rows = 0;
    long sum = 0;
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT number AS n, toString(number) AS s FROM numbers(1000000)")) {
      while (result.next()) {
        rows += 1;
        sum += result.getLong("n");
        if (!result.getString("s").equals(String.valueOf(result.getLong("n")))) throw new IllegalStateException("mixed up");
      }
    }
    return rows + " " + sum;
  }

  private static String columns(Connection connection) throws SQLException {
    List<String> names = new ArrayList<>();
    try (ResultSet columns = connection.getMetaData().getColumns(null, "switchboard", "jdbc", null)) {
      while (columns.next()) names.add(columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME"));
    }
    return String.join(", ", names);
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  /** The code and message of what a statement throws. */
  private static String error(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return "none";
    } catch (SQLException error) {
      return error.getErrorCode() + " " + error.getMessage().replaceFirst(" \\(version .*", "");
    }
  }

  private static void print(String name, String value) {
    System.out.println(name + ": " + value.replaceAll("\\s+", " "));
  }
}
