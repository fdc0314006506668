import { Ajv, type ValidateFunction } from 'ajv';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { readProjectFile } from '../project-root.ts';

const kubernetesObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }).default({ name: '' }),
  data: z.record(z.string(), z.string()).optional(),
  spec: z.record(z.string(), z.unknown()).optional(),
});

export type KubernetesObject = z.infer<typeof kubernetesObject>;

/** The objects of a YAML file, from the project's root. */
export function objectsIn(file: string): KubernetesObject[] {
  return parseAllDocuments(readProjectFile(file)).map((document) => kubernetesObject.parse(document.toJS()));
}

const groupVersionKind = z.looseObject({ group: z.string(), version: z.string(), kind: z.string() });
const swagger = z.object({
  definitions: z.record(
    z.string(),
    z.looseObject({ 'x-kubernetes-group-version-kind': z.array(groupVersionKind).default([]) }),
  ),
});

const schema = swagger.parse(JSON.parse(readProjectFile('infra/deploy/vendor/kubernetes-1.35.json')));
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'kubernetes', ...z.record(z.string(), z.unknown()).parse(strict(schema)) });

/** What Kubernetes' API server would refuse of it, in its validator's words. */
export function problemsOf(object: KubernetesObject): string[] {
  const { apiVersion, kind } = object;
  const found = Object.entries(schema.definitions).find(([, { 'x-kubernetes-group-version-kind': names }]) =>
    names.some(
      (name) => kind === name.kind && apiVersion === [name.group, name.version].filter(Boolean).join('/'),
    ),
  );
  const validate: ValidateFunction | undefined =
    found && ajv.getSchema(`kubernetes#/definitions/${found[0]}`);
  if (!validate) return [`${apiVersion} ${kind}: not known`];
  if (validate(object)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

/** As the API server reads it with strict field validation: no field that is not defined; a number where either may stand. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  const record = z.record(z.string(), z.unknown()).safeParse(value);
  if (!record.success) return value;
  const { data } = record;
  if (data.format === 'int-or-string') return { type: ['integer', 'string'] };
  const inner = Object.fromEntries(Object.entries(data).map(([key, one]) => [key, strict(one)]));
  return data.type === 'object' && data.properties !== undefined && data.additionalProperties === undefined
    ? { ...inner, additionalProperties: false }
    : inner;
}
