import { writeCalls } from './calls.ts';
import { writeClinicEvents } from './clinic-events.ts';
import { writeDecisions } from './decisions.ts';
import { writeDesk } from './desk.ts';
import { writeImports } from './imports.ts';
import { writeInbox } from './inbox.ts';
import { writeLetters } from './letters.ts';
import { writeMerges } from './merges.ts';
import { writeVoiceTools } from './voice-tools.ts';
import { receiveWebhooks } from './webhooks.ts';
import { writeWhatsapp } from './whatsapp.ts';
import type { World, Writer } from './world.ts';

/** Everybody who writes: vendors, patients, staff, the clinic's system and who imports its past. */
export async function allWriters(world: World): Promise<Writer[]> {
  return [
    writeCalls(world),
    writeClinicEvents(world),
    writeWhatsapp(world),
    await writeVoiceTools(world),
    await writeDesk(world),
    writeInbox(world),
    writeDecisions(world),
    writeImports(world),
    writeLetters(world),
    writeMerges(world),
    receiveWebhooks(world),
  ];
}
