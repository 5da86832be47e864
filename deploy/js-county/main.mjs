#!/usr/bin/env node
/** 示例县 – an example county: `node main.mjs card|run --config county.json [--out file]`. */
import { parseArgs } from 'node:util';
import { County } from './src/county.mjs';
import { card, load } from './src/keys.mjs';
import { log } from './src/log.mjs';
import { replaceFile } from './src/store.mjs';

const { values, positionals } = parseArgs({ options: { config: { type: 'string', default: 'county.json' }, out: { type: 'string' } }, allowPositionals: true });

async function main() {
  const config = await load(values.config);
  switch (positionals[0]) {
    case 'card': {
      const text = JSON.stringify(card(config), null, 2) + '\n';
      if (values.out) replaceFile(values.out, text);
      else process.stdout.write(text);
      return;
    }
    case 'run': {
      const county = new County(config);
      for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { log('info', 'ends', { signal }); county.close(); process.exit(0); });
      log('info', 'starts', { county: config.code, hub: config.hub.host, trial: config.trial, directory: county.directory.serial });
      await county.run();
      return;
    }
    default:
      process.stderr.write('usage: node main.mjs card|run --config county.json [--out card.json]\n');
      process.exitCode = 2;
  }
}

main().catch((error) => { log('error', 'cannot_start', { reason: error.message }); process.exitCode = 1; });
