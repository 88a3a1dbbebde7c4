"""What people are told by mail of an endpoint in trouble, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A mail in one language: `{name}` and `{host}` of the endpoint, its `{organization}`, and the
    `{page}` to look at."""

    subject: str
    body: str


TEXTS: dict[str, dict[str, Text]] = {
    "en": {
        "degraded": Text(
            "Webhooks to {name} are not arriving",
            "{organization}: for a quarter of an hour {host} has taken nothing of what it was "
            "told. We keep trying and nothing is lost; after five days without success we "
            "stop.\n\nWhat was tried, and what came back: {page}\n",
        ),
        "failing": Text(
            "Webhooks to {name} were stopped",
            "{organization}: for five days {host} has taken nothing of what it was told, so we "
            "have stopped. Nothing is lost: when you enable it again, it is told all it has "
            "missed, in order.\n\n{page}\n",
        ),
        "gone": Text(
            "Webhooks to {name} were stopped: it is gone",
            "{organization}: {host} answered that it is gone for good (410), so we have stopped. "
            "If that was a mistake, enable it again: it is told all it has missed.\n\n{page}\n",
        ),
    },
    "de": {
        "degraded": Text(
            "Webhooks an {name} kommen nicht an",
            "{organization}: Seit einer Viertelstunde hat {host} nichts angenommen. Wir versuchen "
            "es weiter, es geht nichts verloren; nach fünf Tagen ohne Erfolg hören wir auf.\n\n"
            "Was versucht wurde und was zurückkam: {page}\n",
        ),
        "failing": Text(
            "Webhooks an {name} wurden eingestellt",
            "{organization}: Seit fünf Tagen hat {host} nichts angenommen, deshalb haben wir "
            "aufgehört. Es geht nichts verloren: Wird das Ziel wieder eingeschaltet, erfährt es "
            "alles Versäumte der Reihe nach.\n\n{page}\n",
        ),
        "gone": Text(
            "Webhooks an {name} wurden eingestellt: Ziel gibt es nicht mehr",
            "{organization}: {host} hat geantwortet, dass es dort endgültig nichts mehr gibt "
            "(410), deshalb haben wir aufgehört. War das ein Versehen, schalten Sie das Ziel "
            "wieder ein: Es erfährt alles Versäumte.\n\n{page}\n",
        ),
    },
    "ar": {
        "degraded": Text(
            "خطافات الويب إلى {name} لا تصل",
            "{organization}: منذ ربع ساعة لم يقبل {host} شيئًا مما أُبلغ به. نواصل المحاولة ولا يضيع "
            "شيء، ونتوقف بعد خمسة أيام دون نجاح.\n\n"
            "ما جرت محاولته وما ورد من رد: {page}\n",
        ),
        "failing": Text(
            "أُوقفت خطافات الويب إلى {name}",
            "{organization}: منذ خمسة أيام لم يقبل {host} شيئًا، لذلك توقفنا. لا يضيع شيء: "
            "عند تفعيله من جديد يُبلَّغ بكل ما فاته بالترتيب.\n\n{page}\n",
        ),
        "gone": Text(
            "أُوقفت خطافات الويب إلى {name}: لم يعد موجودًا",
            "{organization}: أجاب {host} بأنه لم يعد موجودًا نهائيًا (410)، لذلك توقفنا. إن كان ذلك "
            "خطأً فعّله من جديد وسيُبلَّغ بكل ما فاته.\n\n{page}\n",
        ),
    },
}
