"""What each language writes short; a translator adds one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Table = Mapping[str, str]


@dataclass(frozen=True)
class Language:
    """What a language writes short. A key in small letters also stands for the same with a capital first;
    after a dot inside a key there may be a space, so "z.B." is "z. B." as well."""

    tag: str
    anywhere: Table = field(default_factory=dict)
    """abbreviation to words"""
    last: Table = field(default_factory=dict)
    """the same, but its dot may also end a sentence: it stays before a capital letter"""
    inside: Table = field(default_factory=dict)
    """only before a small letter or a figure, for elsewhere it may be a word of its own"""
    titles: Table = field(default_factory=dict)
    """only before a name"""
    numbered: Table = field(default_factory=dict)
    """only before a figure"""
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """only after a figure: the word for one, for several, and in Polish for five or more and for decimals"""
    months: str = ""
    date: str = ""
    """how day, month and year are written in a line"""
    hour: tuple[str, str] = ("", "")
    """how a full hour is: for one o'clock, for the others; empty: 7:00 stays"""
    range: str = ""
    """how 5–10 is said"""
    ampersand: str = ""
    half: tuple[str, str] = ("", "")
    """½ alone, and after a number; empty: it stays"""
    thousands: str = ""
    """the sign between groups of three figures that an engine stumbles over"""
    counted: tuple[tuple[str, Table], ...] = ()
    """nouns (a pattern), and what a number before them becomes; *1 is 21, 31..., {} its tens in words"""


ENGLISH = Language(
    "en",
    anywhere={"approx.": "approximately", "24/7": "24 7"},
    last={"etc.": "etcetera"},
    titles={"Mt.": "Mount", "Prof.": "Professor", "Rev.": "Reverend", "St.": "Saint"},
    numbered={
        "ch.": "chapter", "fig.": "figure", "figs.": "figures", "no.": "number", "nos.": "numbers", "p.": "page",
        "pp.": "pages", "vol.": "volume",
    },
    units={
        "s": ("second", "seconds"), "sec": ("second", "seconds"), "min": ("minute", "minutes"),
        "mins": ("minute", "minutes"), "hr": ("hour", "hours"), "hrs": ("hour", "hours"),
    },
    months="January February March April May June July August September October November December",
    date="{day} {month} {year}",
    range="{} to {}",
    half=("one half", "and a half"),
    thousands=" ",
)  # fmt: skip

GERMAN = Language(
    "de",
    anywhere={
        "z.B.": "zum Beispiel", "bspw.": "beispielsweise", "d.h.": "das heißt", "bzw.": "beziehungsweise",
        "u.a.": "unter anderem", "v.a.": "vor allem", "evtl.": "eventuell", "ggf.": "gegebenenfalls",
        "vgl.": "vergleiche", "i.d.R.": "in der Regel", "u.U.": "unter Umständen", "z.T.": "zum Teil",
        "insb.": "insbesondere", "insbes.": "insbesondere", "inkl.": "inklusive",
    },
    last={
        "usw.": "und so weiter", "usf.": "und so fort", "etc.": "et zetera", "u.v.m.": "und vieles mehr",
        "o.Ä.": "oder Ähnliches", "u.Ä.": "und Ähnliches", "s.o.": "siehe oben", "s.u.": "siehe unten",
    },
    inside={"ca.": "zirka", "max.": "maximal"},
    titles={"Dr.": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Fr.": "Frau", "St.": "Sankt"},
    numbered={"Nr.": "Nummer", "S.": "Seite", "Kap.": "Kapitel"},
    units={
        "s": ("Sekunde", "Sekunden"), "Sek": ("Sekunde", "Sekunden"), "min": ("Minute", "Minuten"),
        "Min": ("Minute", "Minuten"), "h": ("Stunde", "Stunden"), "Std": ("Stunde", "Stunden"),
        "mm": ("Millimeter",), "cm": ("Zentimeter",), "m": ("Meter",), "km": ("Kilometer",),
        "ml": ("Milliliter",), "kg": ("Kilogramm",), "°C": ("Grad Celsius",),
    },
    months="Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    date="{day}. {month} {year}",
    hour=("ein Uhr", "{} Uhr"),
    range="{} bis {}",
    half=("ein halb", "einhalb"),
    thousands=".",
    counted=(
        (r"Minute|Sekunde|Stunde|Woche|Übung|Runde|Pause|Person|Seite|Hand", {"1": "eine", "½": "eine halbe"}),
        (r"Mal|Jahr|Wort", {"1": "ein"}),
    ),
)  # fmt: skip

SPANISH = Language(
    "es",
    anywhere={
        "p.ej.": "por ejemplo", "aprox.": "aproximadamente", "dr.": "doctor", "dra.": "doctora",
        "sr.": "señor", "sra.": "señora", "srta.": "señorita", "sres.": "señores", "Ud.": "usted",
        "Uds.": "ustedes", "Vd.": "usted", "Vds.": "ustedes",
    },
    last={"etc.": "etcétera", "EE.UU.": "Estados Unidos"},
    titles={"prof.": "profesor", "profa.": "profesora"},
    numbered={
        "n.º": "número", "nº": "número", "n.°": "número", "n°": "número", "núm.": "número", "pág.": "página",
        "págs.": "páginas", "cap.": "capítulo",
    },
    units={
        "s": ("segundo", "segundos"), "seg": ("segundo", "segundos"), "min": ("minuto", "minutos"),
        "h": ("hora", "horas"), "mm": ("milímetro", "milímetros"), "cm": ("centímetro", "centímetros"),
        "m": ("metro", "metros"), "km": ("kilómetro", "kilómetros"), "ml": ("mililitro", "mililitros"),
        "kg": ("kilo", "kilos"), "°C": ("grado centígrado", "grados centígrados"),
    },
    months="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    date="{day} de {month} de {year}",
    hour=("una", "{}"),
    range="{} a {}",
    ampersand="y",
    half=("medio", ""),
    thousands=" ",
    counted=(
        (
            r"minutos?|segundos?|días?|mes(?:es)?|años?|pasos?|ciclos?|momentos?|metros?|kilómetros?|kilos?",
            {"1": "un", "21": "veintiún", "*1": "{} y un", "½": "medio"},
        ),
        (
            r"horas?|veces|vez|respiraci(?:ón|ones)|inhalaci(?:ón|ones)|exhalaci(?:ón|ones)|semanas?|personas?|"
            r"manos?|pausas?|sesi(?:ón|ones)|páginas?",
            {"1": "una", "21": "veintiuna", "*1": "{} y una", "½": "media"},
        ),
    ),
)  # fmt: skip

FRENCH = Language(
    "fr",
    anywhere={
        "p.ex.": "par exemple", "par ex.": "par exemple", "c.-à-d.": "c'est-à-dire", "càd": "c'est-à-dire",
        "c-à-d": "c'est-à-dire", "c'est-à-d.": "c'est-à-dire", "Mme": "Madame", "Mmes": "Mesdames",
        "Mlle": "Mademoiselle",
    },
    last={"etc.": "etcétéra"},
    inside={"env.": "environ"},
    titles={
        "M.": "Monsieur", "MM.": "Messieurs", "Dr": "docteur", "Dr.": "docteur", "Dre": "docteure",
        "Pr": "professeur", "Pr.": "professeur", "Pre": "professeure", "St": "Saint", "Ste": "Sainte",
    },
    numbered={"n°": "numéro", "nº": "numéro", "p.": "page", "pp.": "pages", "chap.": "chapitre"},
    units={
        "s": ("seconde", "secondes"), "sec": ("seconde", "secondes"), "min": ("minute", "minutes"),
        "mm": ("millimètre", "millimètres"), "cm": ("centimètre", "centimètres"), "m": ("mètre", "mètres"),
        "km": ("kilomètre", "kilomètres"), "ml": ("millilitre", "millilitres"), "kg": ("kilo", "kilos"),
        "°C": ("degré Celsius", "degrés Celsius"),
    },
    months="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    date="{day} {month} {year}",
    hour=("1 heure", "{} heures"),
    range="{} à {}",
    ampersand="et",
    counted=(
        (
            r"minutes?|secondes?|heures?|respirations?|inspirations?|expirations?|fois|semaines?|personnes?|"
            r"mains?|pauses?|séances?|pages?|années?|étapes?",
            {"1": "une", "*1": "{} et une", "½": "une demi-"},
        ),
    ),
)  # fmt: skip

ITALIAN = Language(
    "it",
    anywhere={
        "ad es.": "ad esempio", "p.es.": "per esempio", "per es.": "per esempio", "es.": "esempio",
        "dott.ssa": "dottoressa", "prof.ssa": "professoressa", "sig.ra": "signora", "sig.na": "signorina",
        "sigg.": "signori",
    },
    last={"ecc.": "eccetera", "etc.": "eccetera"},
    inside={"ca.": "circa"},
    titles={"dott.": "dottor", "dr.": "dottor", "sig.": "signor", "prof.": "professor"},
    numbered={"n.": "numero", "pag.": "pagina", "pagg.": "pagine", "cap.": "capitolo"},
    units={
        "s": ("secondo", "secondi"), "sec": ("secondo", "secondi"), "min": ("minuto", "minuti"),
        "h": ("ora", "ore"), "mm": ("millimetro", "millimetri"), "cm": ("centimetro", "centimetri"),
        "m": ("metro", "metri"), "km": ("chilometro", "chilometri"), "ml": ("millilitro", "millilitri"),
        "kg": ("chilo", "chili"), "°C": ("grado Celsius", "gradi Celsius"),
    },
    months="gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    date="{day} {month} {year}",
    hour=("una", "{}"),
    range="{} a {}",
    ampersand="e",
    thousands=" ",
    counted=(
        (r"minuto|secondo|respiro|giorno|mese|anno|passo|ciclo|momento|metro|chilometro", {"1": "un"}),
        (r"volta|settimana|mano|persona|pausa|sessione|pagina", {"1": "una"}),
        (r"ora|inspirazione|espirazione|esperienza", {"1": "un'"}),
    ),
)  # fmt: skip

PORTUGUESE = Language(
    "pt",
    anywhere={
        "p.ex.": "por exemplo", "por ex.": "por exemplo", "aprox.": "aproximadamente", "dr.": "doutor",
        "dra.": "doutora", "sr.": "senhor", "sra.": "senhora", "srta.": "senhorita", "srs.": "senhores",
    },
    last={"etc.": "etcétera"},
    titles={"prof.": "professor", "profa.": "professora", "prof.ª": "professora"},
    numbered={"pág.": "página", "págs.": "páginas", "cap.": "capítulo", "núm.": "número", "n.º": "número"},
    units={
        "s": ("segundo", "segundos"), "seg": ("segundo", "segundos"), "min": ("minuto", "minutos"),
        "h": ("hora", "horas"), "mm": ("milímetro", "milímetros"), "cm": ("centímetro", "centímetros"),
        "m": ("metro", "metros"), "km": ("quilômetro", "quilômetros"), "ml": ("mililitro", "mililitros"),
        "kg": ("quilo", "quilos"), "°C": ("grau Celsius", "graus Celsius"),
    },
    months="janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    date="{day} de {month} de {year}",
    hour=("1 hora", "{} horas"),
    range="{} a {}",
    thousands=" ",
    counted=(
        (
            r"horas?|vez(?:es)?|respiraç(?:ão|ões)|inspiraç(?:ão|ões)|expiraç(?:ão|ões)|semanas?|pessoas?|mãos?|"
            r"pausas?|sess(?:ão|ões)|páginas?",
            {"1": "uma", "2": "duas", "*1": "{} e uma", "*2": "{} e duas", "½": "meia"},
        ),
    ),
)  # fmt: skip

DUTCH = Language(
    "nl",
    anywhere={
        "bijv.": "bijvoorbeeld", "bv.": "bijvoorbeeld", "d.w.z.": "dat wil zeggen", "m.b.v.": "met behulp van",
        "o.a.": "onder andere", "m.a.w.": "met andere woorden", "evt.": "eventueel", "t/m": "tot en met",
        "i.p.v.": "in plaats van", "i.v.m.": "in verband met", "n.a.v.": "naar aanleiding van",
        "a.u.b.": "alstublieft", "resp.": "respectievelijk", "incl.": "inclusief", "m.b.t.": "met betrekking tot",
    },
    last={"enz.": "enzovoort", "etc.": "et cetera"},
    inside={"ca.": "circa", "nl.": "namelijk", "max.": "maximaal"},
    titles={
        "dr.": "doctor", "prof.": "professor", "dhr.": "de heer", "mevr.": "mevrouw", "mw.": "mevrouw",
    },
    numbered={"nr.": "nummer", "blz.": "bladzijde", "hfst.": "hoofdstuk"},
    units={
        "s": ("seconde", "seconden"), "sec": ("seconde", "seconden"), "min": ("minuut", "minuten"),
        "mm": ("millimeter",), "cm": ("centimeter",), "m": ("meter",), "km": ("kilometer",),
        "ml": ("milliliter",), "kg": ("kilo",), "°C": ("graad Celsius", "graden Celsius"),
    },
    months="januari februari maart april mei juni juli augustus september oktober november december",
    date="{day} {month} {year}",
    hour=("1 uur", "{} uur"),
    range="{} tot {}",
    counted=((r"minuut|seconde|dag|week", {"½": "een halve"}),),
)  # fmt: skip

POLISH = Language(
    "pl",
    anywhere={
        "np.": "na przykład", "tzn.": "to znaczy", "tj.": "to jest", "m.in.": "między innymi",
    },
    last={"itd.": "i tak dalej", "itp.": "i tym podobne"},
    inside={"ok.": "około", "maks.": "maksymalnie"},
    titles={"dr": "doktor", "dr.": "doktor", "prof.": "profesor"},
    numbered={"nr": "numer"},
    units={
        "s": ("sekunda", "sekundy", "sekund", "sekundy"), "sek": ("sekunda", "sekundy", "sekund", "sekundy"),
        "min": ("minuta", "minuty", "minut", "minuty"), "m": ("metr", "metry", "metrów", "metra"),
        "mm": ("milimetr", "milimetry", "milimetrów", "milimetra"),
        "cm": ("centymetr", "centymetry", "centymetrów", "centymetra"),
        "km": ("kilometr", "kilometry", "kilometrów", "kilometra"),
        "ml": ("mililitr", "mililitry", "mililitrów", "mililitra"),
        "kg": ("kilogram", "kilogramy", "kilogramów", "kilograma"),
        "zł": ("złoty", "złote", "złotych", "złotego"),
        "°C": ("stopień Celsjusza", "stopnie Celsjusza", "stopni Celsjusza", "stopnia Celsjusza"),
    },
    months="stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    date="{day} {month} {year}",
    range="{}, {}",
    half=("pół", "i pół"),
    counted=(
        (r"minuta|sekunda|godzina", {"1": "jedna"}),
        (r"minutę|sekundę|godzinę", {"1": "jedną"}),
        (r"minuty|sekundy|godziny", {"2": "dwie", "*2": "{} dwie"}),
    ),
)  # fmt: skip

SWEDISH = Language(
    "sv",
    anywhere={
        "t.ex.": "till exempel", "t ex": "till exempel", "dvs.": "det vill säga", "dvs": "det vill säga",
        "d.v.s.": "det vill säga", "bl.a.": "bland annat", "fr.o.m.": "från och med", "t.o.m.": "till och med",
        "p.g.a.": "på grund av", "pga": "på grund av", "resp.": "respektive", "inkl.": "inklusive",
    },
    last={
        "osv.": "och så vidare", "o.s.v.": "och så vidare", "osv": "och så vidare", "etc.": "et cetera",
        "m.m.": "med mera", "m.fl.": "med flera",
    },
    inside={"ca.": "cirka", "ca": "cirka", "ev.": "eventuellt", "max.": "maximalt"},
    titles={"dr.": "doktor", "dr": "doktor", "prof.": "professor"},
    numbered={"nr": "nummer", "nr.": "nummer", "s.": "sidan", "kap.": "kapitel", "kl.": "klockan", "kl": "klockan"},
    units={
        "s": ("sekund", "sekunder"), "sek": ("sekund", "sekunder"),
        "min": ("minut", "minuter"), "mm": ("millimeter",), "cm": ("centimeter",),
        "m": ("meter",), "km": ("kilometer",), "ml": ("milliliter",), "kg": ("kilo",),
        "kr": ("krona", "kronor"), "°C": ("grad Celsius", "grader Celsius"),
    },
    months="januari februari mars april maj juni juli augusti september oktober november december",
    date="{day} {month} {year}",
    hour=("1", "{}"),
    range="{} till {}",
    half=("en halv", "och en halv"),
    counted=(
        (
            r"minut(?:er)?|sekund(?:er)?|timm(?:e|ar)|gång(?:er)?|dag(?:ar)?|veck(?:a|or)|månad(?:er)?|"
            r"(?:in|ut)?andning(?:ar)?|hand|person(?:er)?|paus(?:er)?|meter|kilometer|grad(?:er)?",
            {"1": "en", "*1": "{}en"},
        ),
    ),
)  # fmt: skip

TURKISH = Language(
    "tr",
    anywhere={"örn.": "örneğin", "ör.": "örneğin", "yakl.": "yaklaşık", "bkz.": "bakınız"},
    last={"vb.": "ve benzeri", "vs.": "vesaire", "vd.": "ve diğerleri"},
    titles={"dr.": "doktor", "prof.": "profesör", "Sn.": "Sayın"},
    numbered={"no.": "numara", "s.": "sayfa"},
    units={
        "s": ("saniye",), "sn": ("saniye",), "dk": ("dakika",),
        "sa": ("saat",), "mm": ("milimetre",), "cm": ("santimetre",), "m": ("metre",), "km": ("kilometre",),
        "ml": ("mililitre",), "kg": ("kilo",), "TL": ("lira",), "°C": ("derece",),
    },
    months="Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    date="{day} {month} {year}",
    hour=("1", "{}"),
    range="{} ila {}",
    half=("yarım", "buçuk"),
    thousands=" ",
)  # fmt: skip

LANGUAGES = {
    language.tag: language
    for language in (
        ENGLISH, GERMAN, SPANISH, FRENCH, ITALIAN, PORTUGUESE, DUTCH, POLISH, SWEDISH, TURKISH,
    )
}  # fmt: skip
