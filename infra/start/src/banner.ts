import type { Demo } from './demo-file.ts';

/** What is shown when all is ready. */
export function banner(demo: Demo, demoFile: string): string {
  return `
Switchboard is ready.

  Webhooks     ${demo.ingest}/api/v1/voice/webhook
  API          ${demo.api}/api/v1    (described at ${demo.api}/docs)
  ClickHouse   ${demo.clickhouse.url}    user ${demo.analyst.user}, password ${demo.analyst.password}
  Login        ${demo.login.email}    password ${demo.login.password}
  API key      ${demo.api_key}
  All of it    ${demoFile}

Send a signed call:

${webhookCommand(demo)}

See it in the numbers:

curl -sS '${demo.api}/api/v1/analytics/voice-calls?time_period=today' -H 'Authorization: Bearer ${demo.api_key}'

Ctrl-C stops everything; the data stays.
`;
}

/** A line of shell that posts one finished call of this moment, signed as Zoice signs. */
export function webhookCommand(demo: Pick<Demo, 'ingest' | 'webhook_secret'>): string {
  const body = JSON.stringify({
    event: 'call.completed',
    event_id: 'evt_<t>',
    occurred_at: '<now>',
    call: {
      id: 'call_<t>',
      direction: 'inbound',
      from: '+919820012345',
      to: '+912240001234',
      status: 'completed',
      started_at: '<now>',
      duration_seconds: 42,
      end_reason: 'caller_hangup',
      language: 'en-IN',
    },
    transcript: {
      language: 'en',
      turns: [
        { index: 0, speaker: 'agent', text: 'Hello, how may I help you?', start_ms: 0 },
        {
          index: 1,
          speaker: 'caller',
          text: 'Hi, this is Kavita Rao, I would like to see Doctor Mehta tomorrow at 4 pm.',
          start_ms: 2100,
        },
        { index: 2, speaker: 'agent', text: 'Tomorrow at 4 pm with Doctor Mehta is booked.', start_ms: 8000 },
      ],
    },
    outcome: 'booked',
  })
    .replaceAll('<t>', `'"$t"'`)
    .replaceAll('<now>', `'"$now"'`);
  return [
    't=$(date +%s); now=$(date -u +%Y-%m-%dT%H:%M:%SZ)',
    `body='${body}'`,
    `sig=$(printf '%s.%s' "$t" "$body" | openssl dgst -sha256 -hmac '${demo.webhook_secret.replaceAll("'", `'\\''`)}' | sed 's/^.* //')`,
    `curl -sS -i ${demo.ingest}/api/v1/voice/webhook -H 'Content-Type: application/json' -H "X-Zoice-Signature: t=$t,v1=$sig" --data-binary "$body"`,
  ].join('; ');
}
