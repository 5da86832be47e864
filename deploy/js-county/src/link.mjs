/** The broker: AMQP 0-9-1 over mutual TLS, SASL EXTERNAL, confirms, manual acknowledgements (chapter 3). */
import { lookup } from 'node:dns/promises';
import { EventEmitter, once } from 'node:events';
import amqp from 'amqplib';
import { log } from './log.mjs';

const CONFIRM_MS = 5000;
const PREFETCH = 50;
const MAX_BODY = 4 * 1024 * 1024;
const pauses = [1, 2, 5, 10, 20, 30].map((s) => s * 1000);

/** Every address of every host, the hosts from `turn` on. A host without any is passed over. @throws when there is none at all */
export async function addresses(hosts, turn, resolve = lookup) {
  const rotated = [...hosts.slice(turn), ...hosts.slice(0, turn)];
  const settled = await Promise.allSettled(rotated.map((host) => resolve(host, { all: true })));
  const found = settled.flatMap((each) => (each.value ?? []).map(({ address }) => address));
  if (!found.length) throw settled[0].reason;
  return found;
}

/**
 * The first connection that comes about. Node 18 tries only a name's first address, and nobody may listen there
 * (`localhost` is ::1 first on many machines). @throws what says most: anything rather than that nobody listens
 */
export async function firstThatAnswers(places, connect) {
  const errors = [];
  for (const place of places) {
    try {
      return await connect(place);
    } catch (error) {
      errors.push(error);
    }
  }
  throw errors.find((error) => error.code !== 'ECONNREFUSED') ?? errors[0];
}

/** Emits `up` and `down`. Connects again by itself until it is closed. */
export class Link extends EventEmitter {
  /** @param county as loaded by keys.mjs @param {(arrival: object) => void} keep commits an arrival to stable storage, or throws */
  constructor(county, keep) {
    super();
    Object.assign(this, { county, keep, up: false, closed: false, connection: null, channels: {} });
  }

  async run() {
    for (let failures = 0; !this.closed; failures++) {
      try {
        await this.connect();
        failures = -1;
        this.up = true;
        log('info', 'connected');
        this.emit('up');
        await this.ended();
      } catch (error) {
        log('warn', 'no_connection', { reason: String(error.message).slice(0, 200), code: error.code });
        this.drop();
      }
      if (this.up) { this.up = false; log('warn', 'disconnected'); this.emit('down'); }
      if (!this.closed) await new Promise((r) => setTimeout(r, pauses[Math.min(Math.max(failures, 0), pauses.length - 1)]));
    }
  }

  /** Until the connection is closed by anybody, or given up by us. */
  async ended() {
    const { connection } = this, either = new AbortController();
    if (!connection) return;
    await Promise.race([once(connection, 'close', either), once(this, 'drop', either)]).finally(() => either.abort());
  }

  async connect() {
    const { hub, connection, roots, code } = this.county;
    const hosts = [].concat(hub.host);
    this.turn = ((this.turn ?? -1) + 1) % hosts.length;
    // Only the given root is trusted, and the name that was given must stand in the broker's certificate (3.1).
    const tls = {
      key: connection.keyPem, cert: connection.chainPem, ca: roots.map((r) => r.pem), servername: hub.server_name ?? hosts[0],
      minVersion: 'TLSv1.2', rejectUnauthorized: true, credentials: amqp.credentials.external(), timeout: 15_000,
      clientProperties: { connection_name: `county ${code}` },
    };
    const where = { protocol: 'amqps', port: hub.port ?? 5671, vhost: hub.vhost ?? 'yunhuoban', heartbeat: 30, frameMax: 0 };
    const places = await addresses(hosts, this.turn);
    this.connection = await firstThatAnswers(places, (hostname) => amqp.connect({ ...where, hostname }, tls));
    this.connection.on('error', (error) => log('warn', 'connection_error', { reason: String(error.message).slice(0, 200) }));
    for (const road of ['submit', 'express']) this.channels[road] = this.watch(await this.connection.createConfirmChannel());
    for (const queue of ['inbox', 'express']) await this.consume(`county.${code}.${queue}`);
  }

  /** A channel that dies takes the connection with it: everything is set up anew rather than half. */
  watch(channel) {
    channel.on('error', (error) => log('warn', 'channel_error', { reason: String(error.message).slice(0, 200) }));
    channel.on('close', () => this.drop());
    return channel;
  }

  async consume(queue) {
    const channel = this.watch(await this.connection.createChannel());
    await channel.prefetch(PREFETCH);
    await channel.consume(queue, (m) => {
      if (m === null) return this.drop(); // the broker cancelled the subscription
      const { messageId = '', type = '', headers = {} } = m.properties;
      const evidence = headers.evidence ?? Buffer.alloc(0), signatures = headers.signatures ?? [];
      if (m.content.length > MAX_BODY || !messageId || messageId.length > 64 || type.length > 40 || !Buffer.isBuffer(evidence)) {
        log('error', 'dead_letter', { queue, type: type.slice(0, 40), bytes: m.content.length });
        return channel.reject(m, false);
      }
      try {
        this.keep({ messageId, type, body: m.content, signature: String(signatures[0] ?? ''), evidence });
        channel.ack(m);
      } catch (error) {
        log('error', 'not_kept', { reason: error.message });
        this.drop(); // unacknowledged: the broker brings it again
      }
    }, { noAck: false });
  }

  /**
   * Publishes and waits for the confirm of exactly this message: true confirmed, false refused for now. Without a
   * confirm in time the connection is closed, because nothing is known then.
   */
  publish({ exchange, routingKey, properties }, body) {
    const channel = this.channels[exchange];
    if (!this.up || !channel) return Promise.resolve(false);
    return new Promise((done) => {
      const late = setTimeout(() => { log('warn', 'no_confirm', { id: properties.messageId }); done(false); this.drop(); }, CONFIRM_MS);
      try {
        channel.publish(exchange, routingKey, body, properties, (error) => { clearTimeout(late); done(!error); });
      } catch (error) {
        clearTimeout(late);
        log('warn', 'not_published', { reason: error.message });
        done(false);
      }
    });
  }

  drop() {
    const { connection } = this;
    this.connection = null;
    this.channels = {};
    if (!connection) return;
    connection.close().catch(() => {});
    setTimeout(() => connection.connection?.stream?.destroy(), 2000).unref(); // a broker that no longer answers
    this.emit('drop');
  }

  close() {
    this.closed = true;
    this.drop();
  }
}
