import test from 'node:test';
import assert from 'node:assert/strict';
import { Workdays, dayOf, isoOf, readCalendar } from '../src/workdays.mjs';
import { codeOf } from '../support/refusals.mjs';
import { vectors } from '../support/vectors.mjs';

const { calendars, days, limits } = vectors('workdays');
const text = (minutes) => [Math.floor(minutes / 60), minutes % 60].map((n) => String(n).padStart(2, '0')).join(':');
function of(name, county) {
  const { csv, readable } = calendars.find((c) => c.name === name);
  return new Workdays(county, csv !== null && readable ? readCalendar(Buffer.from(csv)) : null, readable);
}

for (const c of calendars.filter((x) => x.csv !== null)) test(`calendar: ${c.name}`, () =>
  assert.equal(codeOf(() => readCalendar(Buffer.from(c.csv))), c.readable ? null : 'E-LINK-112'));
for (const v of days) test(`day ${v.day} in ${v.county}, ${v.calendar}`, () => {
  const calendar = of(v.calendar, v.county), hours = calendar.hours(dayOf(v.day)).map((s) => s.map(text).join('-')).join(' ');
  assert.deepEqual({ ...calendar.day(dayOf(v.day)), hours }, { working: v.working, provisional: v.provisional, hours: v.hours });
});
for (const v of limits) test(`limit of ${v.count} ${v.unit} from ${v.from} in ${v.county}, ${v.calendar}`, () => {
  const { last, endsAt, provisional } = of(v.calendar, v.county).limit(dayOf(v.from), v.unit, v.count);
  assert.deepEqual([isoOf(last), endsAt, provisional], [v.last, v.ends_at, v.provisional]);
});
