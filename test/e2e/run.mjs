// `npm run test:n8n [-- group ...]`: the nodes package in a real n8n, with a real gateway and a simulated WhatsApp, each a
// process of its own on this machine. Installs n8n once (lib/install.mjs), then runs the checks group by group; ends with
// "N passed, N failed" and with 1 when something failed.

import { agent } from './checks/agent.mjs';
import { bulk } from './checks/bulk.mjs';
import { credential } from './checks/credential.mjs';
import { editor } from './checks/editor.mjs';
import { examples } from './checks/examples.mjs';
import { limit } from './checks/limit.mjs';
import { media } from './checks/media.mjs';
import { onboarding } from './checks/onboarding.mjs';
import { outages } from './checks/outages.mjs';
import { restarts } from './checks/restarts.mjs';
import { sendAndWait } from './checks/sendAndWait.mjs';
import { trigger } from './checks/trigger.mjs';
import { createChecks } from './lib/checks.mjs';
import { installedN8n } from './lib/install.mjs';
import { openStage } from './lib/stage.mjs';

const groups = {
  credential,
  bulk,
  media,
  trigger,
  sendAndWait,
  agent,
  onboarding,
  examples,
  restarts,
  limit,
  outages,
  editor,
};
const CONTACTS = 60;

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in groups));
if (unknown.length > 0) {
  console.log(`there is no group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`);
  process.exit(2);
}

const begun = Date.now();
const seconds = () => Math.round((Date.now() - begun) / 1000);
const installed = await installedN8n((text) => console.log(text));
console.log(`n8n is installed (${installed.installSeconds} s)`);
const stage = await openStage(installed, { contacts: CONTACTS });
console.log(`n8n at ${stage.n8n.url}, gateway at ${stage.gateway.url} (${seconds()} s)`);

const { check, summary } = createChecks();
try {
  for (const [name, group] of Object.entries(groups)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    await group({ check, stage });
  }
} finally {
  await stage.close();
}
console.log(`${seconds()} s in all`);
process.exit(summary() ? 0 : 1);
