"""What is wrong with a page as it stands: too wide, a word cut off, a state told by colour alone, a word left over.

Each finding is the element it is about; none is what a page has to give. What axe finds is not here
(`tests.journey.axe`).
"""

import re
from typing import Final

from playwright.sync_api import Page

from pages.wording import translations

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_EDGES: Final = " \n\t：:。，、·✓✕!?+*（）()-–"


def of(page: Page) -> list[str]:
    """All of them."""
    return [*too_wide(page), *wordless(page), *cut(page), *untranslated(page)]


def too_wide(page: Page) -> list[str]:
    """What stands over the edge of the screen, if the page has to be moved sideways (WCAG 1.4.10)."""
    found: list[str] = page.evaluate(
        """() => {
            const room = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= room) return [];
            return Array.from(document.querySelectorAll('body *'))
                .filter(each => each.getBoundingClientRect().right > room + 1 && !each.closest('.panel'))
                .map(each => each.cloneNode(false).outerHTML.slice(0, 120))
                .concat([`${document.documentElement.scrollWidth} px`]);
        }"""
    )
    return found


def wordless(page: Page) -> list[str]:
    """States that only a colour tells: every one of them needs a sign and a word."""
    found: list[str] = page.evaluate(
        """() => Array.from(document.querySelectorAll('.state')).filter(each => {
            const sign = each.querySelector('.sign')?.textContent.trim() ?? '';
            return !sign || each.textContent.trim().length <= sign.length;
        }).map(each => each.outerHTML.slice(0, 120))"""
    )
    return found


def cut(page: Page) -> list[str]:
    """Words of which a part cannot be seen: what holds them hides what stands over its edge, and cannot be moved."""
    found: list[str] = page.evaluate(
        """() => {
            const hides = (each) => {
                const style = getComputedStyle(each);
                return ['hidden', 'clip'].includes(style.overflowX) && style.clipPath === 'none';
            };
            const over = (words, edge) =>
                words.width > 0 && (words.left < edge.left - 1 || words.right > edge.right + 1);
            const found = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            const range = document.createRange();
            for (let node = walk.nextNode(); node; node = walk.nextNode()) {
                const holds = node.parentElement, seen = holds.checkVisibility({visibilityProperty: true});
                if (!node.textContent.trim() || !seen || holds.closest('.unseen, .skip, select, textarea')) continue;
                range.selectNodeContents(node);
                for (let each = node.parentElement; each !== document.body; each = each.parentElement) {
                    if (getComputedStyle(each).clipPath !== 'none') break;
                    if (hides(each) && over(range.getBoundingClientRect(), each.getBoundingClientRect()))
                        found.add(`cut: ${node.textContent.trim().slice(0, 80)}`);
                }
            }
            return [...found];
        }"""
    )
    return found


def untranslated(page: Page) -> list[str]:
    """Of a page that is not Chinese: words for which the catalogue has its language's, and that stand there in Chinese.

    What people and counties wrote stays as they wrote it.
    """
    language, texts = page.evaluate(
        """() => {
            const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            for (let node = walk.nextNode(); node; node = walk.nextNode()) {
                const each = node.parentElement;
                if (each.closest('script, style, :not(html)[lang|=zh]') || !each.checkVisibility()) continue;
                found.push(node.textContent);
            }
            for (const each of document.querySelectorAll('[placeholder], [title], [aria-label], [alt]'))
                for (const name of ['placeholder', 'title', 'aria-label', 'alt'])
                    if (each.hasAttribute(name)) found.push(each.getAttribute(name));
            return [document.documentElement.lang, found];
        }"""
    )
    known = translations(language.partition("-")[0])
    left = [each.strip(_EDGES) for each in texts if _CHINESE.search(each)]
    return [f"untranslated: {each}" for each in left if known.get(each, each) != each] if known else []
