/** What may go wrong with somebody else's bytes: refused for good, or not to be judged yet. */

/** Refused with a code of the contract, chapter 17. `field` names the place, never its content. */
export class Refused extends Error {
  constructor(code, field = '', found = '', expected = '') {
    super(`${code}${field ? ' ' + field : ''}`);
    Object.assign(this, { code, field, found: String(found).slice(0, 120), expected: String(expected).slice(0, 120) });
  }
}

/**
 * Not to be judged yet (13.1): the bytes are kept and looked at again. `forADay` becomes a refusal with `code` a day
 * after arrival; everything else waits without an end, because a county must not refuse what it cannot know (6.3).
 */
export class Waiting extends Refused {
  constructor(code, field = '', forADay = false) {
    super(code, field);
    this.forADay = forADay;
  }
}

/** Stops everything: two histories of the hub (12.4). */
export class Fork extends Refused {}
