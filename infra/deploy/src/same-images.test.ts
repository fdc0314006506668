import { containerSpecs } from '@switchboard/testkit/container-specs';
import { expect, it } from 'vitest';
import { readCompose } from './compose.ts';
import { readProjectFile } from './project-root.ts';

it('tests in containers run the very images of docker-compose.yml', () => {
  const { services } = readCompose(readProjectFile('docker-compose.yml'));
  for (const { alias, image } of Object.values(containerSpecs(1))) {
    expect(image).toBe(services[alias]?.image);
  }
});

it('Kafka remembers groups’ places as long in both', () => {
  const { kafka } = readCompose(readProjectFile('docker-compose.yml')).services;
  const minutes = Number(kafka?.environment.KAFKA_OFFSETS_RETENTION_MINUTES);
  expect(minutes).toBe(Number(containerSpecs(1).kafka.environment.KAFKA_OFFSETS_RETENTION_MINUTES));
});

it('clients of Kafka are told the port that this machine gave it', () => {
  const { port, environment } = containerSpecs(12_345).kafka;
  expect(port).toEqual({ container: 9092, host: 12_345 });
  expect(environment.KAFKA_ADVERTISED_LISTENERS).toContain('CLIENT://127.0.0.1:12345');
});
