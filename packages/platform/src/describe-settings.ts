import { z } from 'zod';
import { type ConfigShape, formOf, isSecret, layersOf } from './config.ts';

/** What there is to say of a setting without a value of it. */
export interface SettingDescription {
  name: string;
  /** What it does. */
  meaning: string;
  /** How a right value looks. */
  form: string;
  /** As it would be written into the environment; undefined: none. */
  fallback: string | undefined;
  /** Whether a service does not start without it. */
  required: boolean;
  secret: boolean;
}

/** Describes the settings of a shape, in its order, for a reference or an example. */
export function describeSettings(shape: ConfigShape): SettingDescription[] {
  return Object.entries(shape).map(([name, schema]) => ({
    name,
    meaning: meaningOf(schema),
    form: formOf(schema) ?? formByType(schema),
    fallback: fallbackOf(schema),
    required: !z.safeParse(schema, undefined).success,
    secret: isSecret(schema),
  }));
}

function meaningOf(schema: z.core.$ZodType): string {
  const described = layersOf(schema).map((layer) => z.globalRegistry.get(layer)?.description);
  return described.find((text) => text !== undefined) ?? '';
}

function formByType(schema: z.core.$ZodType): string {
  const innermost = layersOf(schema).at(-1);
  if (innermost instanceof z.ZodEnum) return innermost.options.map((value) => `\`${value}\``).join(', ');
  if (innermost instanceof z.ZodNumber) return `${innermost.minValue} … ${innermost.maxValue}`;
  if (innermost instanceof z.ZodURL) return 'URL';
  if (innermost instanceof z.ZodUUID) return 'UUID';
  if (innermost instanceof z.ZodString) {
    return innermost.minLength === null ? 'text' : `text, ${innermost.minLength} characters or more`;
  }
  return 'text';
}

function fallbackOf(schema: z.core.$ZodType): string | undefined {
  const withFallback = layersOf(schema).find((layer) => layer instanceof z.ZodDefault);
  if (!withFallback) return undefined;
  const value: unknown = withFallback.def.defaultValue;
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return text === '' ? undefined : text;
}
