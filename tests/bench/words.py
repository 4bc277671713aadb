"""Text for generated records: always the same for the same seed, with words as unevenly frequent as in life."""

import itertools
import random

COMMON = """the a to of and is in on for with was not that it has be from at after by as when this no are can but
we since again until all one first only more than other before during now they were have will if which users
customer request restart error check server database update team version change plan service page backup test""".split()
TRADE = """invoice ledger login password mailbox printer toner queue disk replica failover certificate firewall switch
router subnet latency timeout packet cluster node pod container image registry pipeline deployment rollback migration
schema index query lock deadlock transaction snapshot restore archive tape storage volume quota license contract
supplier vendor warranty laptop monitor keyboard headset badge phone voicemail calendar meeting room projector wifi
guest network proxy gateway token session cookie browser cache cdn domain resolver record zone mail relay spam filter
attachment sync mobile app release patch reboot kernel driver firmware bios battery cable rack power cooling sensor alert
dashboard metric threshold graph log trace sample exporter scrape oncall escalation bridge incident workaround cause
analysis timeline impact urgency approval window freeze rota handover audit evidence waiver risk objective review payroll
holiday onboarding offboarding access role group permission directory tenant billing order cart checkout payment refund
shipment warehouse stock catalogue price discount report export import batch job scheduler cron script template form
field validation translation font layout accessibility survey feedback ticket portal knowledge article runbook""".split()
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu bra cle dri flo gru pla ste tri".split()


class Writer:
    """Words by rank: the thousandth is a thousand times rarer than the first, near enough."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        rare = ["".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 4))) for _ in range(6000)]
        self.words = COMMON + TRADE + rare
        self.weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self.words))))

    def sentence(self, count):
        chosen = self.random.choices(self.words, cum_weights=self.weights, k=count)
        chosen[0] = chosen[0].capitalize()
        return " ".join(chosen) + "."

    def title(self):
        chosen = self.random.choices(TRADE, k=2) + self.random.choices(self.words, cum_weights=self.weights, k=3)
        return " ".join(chosen).capitalize()

    def text(self, size):
        """About `size` bytes of sentences, in lines no longer than 100."""
        lines, line, length = [], "", 0
        while length < size:
            for word in self.sentence(self.random.randint(5, 16)).split():
                if len(line) + len(word) > 99:
                    lines.append(line)
                    line = word
                else:
                    line = f"{line} {word}" if line else word
                length += len(word) + 1
        return "\n".join([*lines, line])
