import { describe, expect, it } from 'vitest';
import { bucketOf } from '../histogram.ts';
import { type ConversationRecord, stateConversationFacts } from './conversation.ts';
import { type MessageRecord, stateMessageFacts } from './message.ts';
import { conversation, message } from './testing/records.ts';

const zone = 'Asia/Kolkata';
const dayMs = 86_400_000;
const began = conversation.createdAt;
const state = (parts: Partial<ConversationRecord>) =>
  stateConversationFacts({ ...conversation, ...parts }, zone);
const sent = (parts: Partial<MessageRecord>) => stateMessageFacts({ ...message, ...parts }, zone).sent;

describe('what a conversation states', () => {
  it('counts under its resolution only while it is resolved', () => {
    const resolvedAt = began + 3_600_000;
    expect(state({ state: 'resolved', resolvedAt })).toMatchObject({
      created: { resolved: 1 },
      resolved: { resolution_ms_hist: [bucketOf(3_600_000)] },
    });
    expect(state({ state: 'open', resolvedAt, reopened: true })).toMatchObject({
      created: { resolved: 0, reopened: 1, resolution_ms_hist: [] },
      resolved: null,
    });
  });

  it('says when a first answer is judged: when it came in time, else when it was due', () => {
    const due = '2026-11-20 06:00:00.000';
    expect(state({}).created).toMatchObject({ sla_base: 1, sla_met: 0, sla_settled_at: due });
    expect(state({ firstResponseAt: began + 60_000 }).created).toMatchObject({
      sla_met: 1,
      sla_settled_at: '2026-11-20 05:01:00.000',
      first_response_ms_hist: [bucketOf(60_000)],
    });
    expect(state({ firstResponseAt: began + 7_200_000 }).created).toMatchObject({
      sla_met: 0,
      sla_settled_at: due,
    });
    expect(state({ firstResponseTargetMs: null }).created).toMatchObject({ sla_base: 0, sla_met: 0 });
    expect(state({ firstInboundAt: null }).created).toMatchObject({ sla_base: 0 });
  });

  it('says since when somebody waits, and leaves it to the question whether that is long', () => {
    expect(state({ waitingSince: began }).created).toMatchObject({
      waiting: 1,
      waiting_since: '2026-11-20 05:00:00.000',
    });
    expect(state({}).created).toMatchObject({ waiting: 0, waiting_since: '1970-01-01 00:00:00.000' });
  });

  it('leads to a booking within 14 days, if it is a first contact', () => {
    const booked = (parts: Partial<ConversationRecord>) => state(parts).created?.booked_14d;
    expect(booked({ nextBookingAt: began + 14 * dayMs })).toBe(1);
    expect(booked({ nextBookingAt: began + 14 * dayMs + 1 })).toBe(0);
    expect(booked({ nextBookingAt: began, firstContact: false })).toBe(0);
    expect(booked({})).toBe(0);
  });

  it('keeps of labels what is a key, once and in order', () => {
    expect(state({ labels: ['vip', 'rude to Priya', 'billing', 'vip'] }).created?.labels).toEqual([
      'billing',
      'vip',
    ]);
  });

  it('books only where a booking was wanted', () => {
    expect(state({ booked: true }).created).toMatchObject({ booking_intent: 1, booked: 1 });
    expect(state({ booked: true, intent: 'billing' }).created).toMatchObject({
      booking_intent: 0,
      booked: 0,
    });
  });

  it('states nothing when it is a test', () => {
    expect(state({ isTest: true })).toEqual({ created: null, resolved: null });
  });
});

describe('what a message states', () => {
  it.each([
    ['queued', 0, 0, 0],
    ['sent', 0, 0, 0],
    ['delivered', 1, 0, 0],
    ['read', 1, 1, 0],
    ['failed', 0, 0, 1],
    ['undelivered', 0, 0, 1],
  ] as const)('%s: delivered %i, read %i, failed %i', (status, delivered, read, failed) => {
    expect(sent({ status })).toMatchObject({ delivered, read, failed });
  });

  it('replies only outward, in clock time and in business hours', () => {
    const times = { replyMs: 90_000, replyBusinessMs: 30_000 };
    expect(sent(times)).toMatchObject({
      reply_n: 1,
      reply_ms: 90_000,
      reply_business_ms: 30_000,
      reply_ms_hist: [bucketOf(90_000)],
      reply_business_ms_hist: [bucketOf(30_000)],
    });
    expect(sent({ ...times, direction: 'inbound', status: null })).toMatchObject({
      reply_n: 0,
      reply_ms: 0,
      reply_business_ms: 0,
      reply_ms_hist: [],
      reply_business_ms_hist: [],
    });
  });

  it('opts out only inward; reminders, templates go only outward', () => {
    const all = { isOptOut: true, isReminder: true, reminderAnswered: true, isTemplate: true };
    expect(sent(all)).toMatchObject({ opt_out: 0, reminder: 1, reminder_answered: 1, template: 1 });
    expect(sent({ ...all, direction: 'inbound' })).toMatchObject({
      opt_out: 1,
      reminder: 0,
      reminder_answered: 0,
      template: 0,
    });
  });

  it('states nothing when it is a test', () => {
    expect(sent({ isTest: true })).toBeNull();
  });
});
