/** Working days (10.7): the published calendar, what the directory carries over it, and where a limit ends. Days are numbers since 1970, in China. */
import { readFileSync } from 'node:fs';
import { Refused } from './errors.mjs';
import { checkDivisionCode } from './identifiers.mjs';

const DAY_MS = 86_400_000, CHINA_MS = 8 * 3_600_000;
const HEADING = '日期,安排,行政区划代码,办公时间,说明';
const WEEKDAYS = ['周一', '周二', '周三', '周四', '周五', '周六', '周日'];
const DEFAULT_HOURS = [[540, 720], [780, 1020]];

/** Avro's number of a date like 2027-10-01, or null when there is no such day. */
export function dayOf(text) {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text + 'T00:00:00Z') : NaN;
  return !Number.isNaN(at) && isoOf(at / DAY_MS) === text ? at / DAY_MS : null;
}
export const isoOf = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);
const weekdayOf = (day) => (((day + 3) % 7) + 7) % 7;
const yearOf = (day) => new Date(day * DAY_MS).getUTCFullYear();

function cellsOf(line) {
  if (!/^("([^"]|"")*"|[^",]*)(,("([^"]|"")*"|[^",]*))*$/.test(line)) return [];
  return [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^",]*)/g)].map(([, c]) => (c.startsWith('"') ? c.slice(1, -1).replaceAll('""', '"') : c));
}

/** `09:00-12:00 13:00-17:00` in minutes: one to four spans, one after the other. */
function hoursOf(text) {
  const spans = text.split(' ').map((s) => /^(\d\d):([0-5]\d)-(\d\d):([0-5]\d)$/.exec(s)?.slice(1).map(Number)).map((m) => m && [m[0] * 60 + m[1], m[2] * 60 + m[3]]);
  const good = spans.length <= 4 && spans.every((s, i) => s && s[0] < s[1] && s[0] >= (spans[i - 1]?.[1] ?? 0) && s[1] <= 1440);
  return good ? spans : null;
}

/** Reads an entry `calendar/…`. Throws E-LINK-112 with the line that cannot be read. */
export function readCalendar(bytes) {
  const found = { years: new Set(), days: new Map(), hours: new Map() };
  const wrong = (n) => { throw new Refused('E-LINK-112', `calendar line ${n + 1}`); };
  const put = (rules, key, value, n) => { if (rules.has(key)) wrong(n); rules.set(key, value); };
  let lines;
  try { lines = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).split('\n'); } catch { wrong(0); }
  if (lines.shift() !== HEADING || lines.pop() !== '') wrong(0);
  for (const [i, line] of lines.entries()) {
    const n = i + 1, cells = cellsOf(line), [said, arrangement, division, hours] = cells, day = dayOf(said ?? '');
    if (cells.length !== 5) wrong(n);
    if (division) try { checkDivisionCode(division); } catch { wrong(n); }
    if (arrangement === '全年已公布' && /^\d{4}$/.test(said) && !division && !hours && !found.years.has(Number(said))) found.years.add(Number(said));
    else if (['休息', '上班'].includes(arrangement) && day !== null && !hours) put(found.days, `${division}/${day}`, arrangement === '上班', n);
    else if (arrangement === '办公时间' && WEEKDAYS.includes(said) && hoursOf(hours)) put(found.hours, `${division}/${WEEKDAYS.indexOf(said)}`, hoursOf(hours), n);
    else wrong(n);
  }
  return found;
}

const PUBLISHED = readCalendar(readFileSync(new URL('../contract/china.csv', import.meta.url)));

/** The calendar of one county. */
export class Workdays {
  /** @param carried what `readCalendar` gave, or null where there is none; `certain` false when there is one that cannot be read */
  constructor(county, carried = null, certain = true) {
    const divisions = [county, `${county.slice(0, 4)}00`, `${county.slice(0, 2)}0000`, ''];
    Object.assign(this, { divisions, certain, years: new Set([...PUBLISHED.years, ...(carried?.years ?? [])]), days: new Map([...PUBLISHED.days, ...(carried?.days ?? [])]), hourRules: carried?.hours ?? new Map() });
  }

  day(day) {
    const rule = this.divisions.map((d) => this.days.get(`${d}/${day}`)).find((r) => r !== undefined);
    return { working: rule ?? weekdayOf(day) < 5, provisional: !this.certain || (rule === undefined && !this.years.has(yearOf(day))) };
  }

  /** Spans of hall hours in minutes. */
  hours(day) { return this.divisions.map((d) => this.hourRules.get(`${d}/${weekdayOf(day)}`)).find(Boolean) ?? DEFAULT_HOURS; }

  /** The last day of a limit that starts on this one, and when the hall closes on it. `unit` as in `LimitUnit`. */
  limit(start, unit, count) {
    const working = unit === 'working_day' && count > 0;
    let last = working ? start : unit === 'month' || unit === 'year' ? monthsLater(start, unit === 'year' ? count * 12 : count) : start + (unit === 'day' ? count : 0);
    let left = working ? count : 1, provisional = false;
    for (let day = working ? start + 1 : last; left > 0; day++) {
      const kind = this.day(day);
      provisional ||= kind.provisional;
      if (kind.working) left--;
      last = day;
    }
    return { last, endsAt: last * DAY_MS - CHINA_MS + this.hours(last).at(-1)[1] * 60_000, provisional };
  }
}

/** The same day so many months later, or the last of that month. */
function monthsLater(day, months) {
  const at = new Date(day * DAY_MS), first = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return first.getTime() / DAY_MS + Math.min(at.getUTCDate(), days) - 1;
}
