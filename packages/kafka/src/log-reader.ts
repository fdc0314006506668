import {
  Admin,
  type ClusterMetadata,
  Consumer,
  type KafkaRecord,
  ListOffsetTimestamps,
} from '@platformatic/kafka';
import { SwitchboardError } from '@switchboard/platform/errors';
import { type BrokerAccess, clientSasl } from './broker-access.ts';
import { withDeadline } from './with-deadline.ts';

/** A partition of a topic, by its full name. */
export interface PartitionName {
  topic: string;
  partition: number;
}

/** What a record tells without being decoded. */
export interface RecordHead {
  offset: bigint;
  /** Unix ms by which the broker orders time. */
  timestamp: number;
  /** Its last value, where there is one. Read when it is asked for: most of what is gone through is not what is sought. */
  header(name: string): string | undefined;
}

/** An instant in Unix ms, or an end of the log. */
export type LogPlace = 'first' | 'end' | number;

/** Reads logs and the places of groups as nobody's member: it commits nothing and disturbs no group. */
export interface LogReader {
  /** What the groups have committed; a partition without is not in the map. Keys by {@link placeKey}. */
  committed(groups: readonly string[]): Promise<Map<string, Map<string, bigint>>>;
  /** The offset of a place in every partition of the topics: of an instant, that of the first record since. */
  offsets(topics: readonly string[], place: LogPlace): Promise<Map<string, bigint>>;
  /** Records of one partition from an offset on, some `maxBytes` of them, one batch at least; none at the end. */
  read(of: PartitionName, from: bigint, maxBytes: number): Promise<RecordHead[]>;
  /** Breaks off whatever is under way. */
  close(): void;
}

export interface LogReaderOptions extends BrokerAccess {
  clientId: string;
  /** Longest wait for one answer, ms. */
  timeoutMs: number;
}

const mebibyte = 1_048_576;
const retryDelayMs = 100;

/** The key of a partition in the maps of {@link LogReader}. */
export function placeKey({ topic, partition }: PartitionName): string {
  return `${topic}/${partition}`;
}

/** The lower of two offsets. */
export function lower(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/** The higher of two offsets. */
export function higher(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

/**
 * Connects when it is first asked. Each method throws SwitchboardError `broker_unavailable` (retryable) when there is
 * no answer in time; the next call connects anew.
 */
export function createLogReader(options: LogReaderOptions): LogReader {
  const common = {
    clientId: options.clientId,
    bootstrapBrokers: [...options.brokers],
    tls: options.tls,
    sasl: clientSasl(options.sasl),
    // As long as the deadline lets it: a coordinator that is just starting answers a moment later.
    retries: Math.ceil(options.timeoutMs / retryDelayMs),
    retryDelay: retryDelayMs,
    timeout: options.timeoutMs,
    requestTimeout: options.timeoutMs,
    connectTimeout: Math.min(1_000, options.timeoutMs),
    autocreateTopics: false,
  };
  // Never joins a group: it only fetches, which Admin does not.
  const open = () => ({
    admin: new Admin(common),
    fetcher: new Consumer({ ...common, groupId: options.clientId, maxWaitTime: 100, minBytes: 1 }),
  });
  let clients: ReturnType<typeof open> | undefined;

  function close(): void {
    const closing = clients;
    clients = undefined;
    closing?.admin.close().catch(() => {});
    closing?.fetcher.close(true).catch(() => {});
  }

  async function ask<T>(work: (opened: ReturnType<typeof open>) => Promise<T>): Promise<T> {
    clients ??= open();
    try {
      return await withDeadline(options.timeoutMs, 'the broker', work(clients));
    } catch (cause) {
      close();
      throw new SwitchboardError('broker_unavailable', 'the log could not be read', {
        retryable: true,
        cause,
      });
    }
  }

  return {
    committed: (groups) =>
      ask(async ({ admin }) => {
        const found = await admin.listConsumerGroupOffsets({ groups: [...groups] });
        return new Map(
          found.map(({ groupId, topics }) => [
            groupId,
            new Map(
              topics.flatMap(({ name, partitions }) =>
                partitions
                  .filter(({ committedOffset }) => committedOffset >= 0n)
                  .map(
                    ({ partitionIndex: partition, committedOffset }) =>
                      [placeKey({ topic: name, partition }), committedOffset] as const,
                  ),
              ),
            ),
          ]),
        );
      }),
    offsets: (topics, place) =>
      ask(async ({ admin }) => {
        const metadata = await admin.metadata({ topics: [...topics] });
        const timestamp = timestampOf(place);
        const listed = await admin.listOffsets({
          topics: topics.map((name) => ({
            name,
            partitions: partitionsOf(metadata, name).map((_, partitionIndex) => ({
              partitionIndex,
              timestamp,
            })),
          })),
        });
        return new Map(
          listed.flatMap(({ name, partitions }) =>
            partitions.map(({ partitionIndex: partition, offset }) => [
              placeKey({ topic: name, partition }),
              offset,
            ]),
          ),
        );
      }),
    read: ({ topic, partition }, from, maxBytes) =>
      ask(async ({ fetcher }) => {
        const metadata = await fetcher.metadata({ topics: [topic] });
        const topicId = metadata.topics.get(topic)?.id ?? '';
        const node = partitionsOf(metadata, topic)[partition]?.leader ?? -1;
        const answer = await fetcher.fetch({
          node,
          maxBytes: Math.max(mebibyte, maxBytes),
          topics: [
            {
              topicId,
              partitions: [
                {
                  partition,
                  fetchOffset: from,
                  currentLeaderEpoch: -1,
                  lastFetchedEpoch: -1,
                  partitionMaxBytes: maxBytes,
                },
              ],
            },
          ],
        });
        const batches = answer.responses.flatMap(({ partitions }) =>
          partitions.flatMap(({ records }) => records ?? []),
        );
        return batches
          .flatMap(({ firstOffset, firstTimestamp, records }) =>
            records.map((record) => headOf(record, firstOffset, firstTimestamp)),
          )
          .filter(({ offset }) => offset >= from);
      }),
    close,
  };
}

function timestampOf(place: LogPlace): bigint {
  if (place === 'first') return ListOffsetTimestamps.EARLIEST;
  return place === 'end' ? ListOffsetTimestamps.LATEST : BigInt(place);
}

function partitionsOf(metadata: ClusterMetadata, topic: string) {
  return metadata.topics.get(topic)?.partitions ?? [];
}

function headOf(record: KafkaRecord, firstOffset: bigint, firstTimestamp: bigint): RecordHead {
  return {
    offset: firstOffset + BigInt(record.offsetDelta),
    timestamp: Number(firstTimestamp + record.timestampDelta),
    header: (name) => record.headers.findLast(([known]) => known?.toString() === name)?.[1]?.toString(),
  };
}
