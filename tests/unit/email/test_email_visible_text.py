"""What a person wrote, by mail program, language and posting style: a mail's body, and the words that must be left of it."""

import pytest

from channels.email.html import parse_html
from channels.email.visible_text import find_visible_text

OURS = "##- Please type your reply above this line -##\n\nYour kit is on its way. Reply STOP to stop."
QUOTED = "\n".join(f"> {line}".rstrip() for line in OURS.split("\n"))

PLAIN = {
    "nothing quoted": ("How long do results take?", "How long do results take?"),
    "gmail english": (
        f"Yes please.\n\nOn Mon, Nov 23, 2026 at 9:14 AM Perennial <reply+abc@talk.example> wrote:\n\n{QUOTED}\n",
        "Yes please.",
    ),
    "gmail attribution broken over two lines": (
        "Yes please.\n\nOn Mon, Nov 23, 2026 at 9:14 AM Perennial Programme\n"
        f"<reply+abcdefghijklmnopqrstuvwxyz@talk.example> wrote:\n\n{QUOTED}\n",
        "Yes please.",
    ),
    "gmail spanish": (
        f"Sí, gracias.\n\nEl lun, 23 nov 2026 a las 9:14, Perennial (<reply+abc@talk.example>)\nescribió:\n\n{QUOTED}",
        "Sí, gracias.",
    ),
    "gmail german": (
        f"Ja, bitte.\n\nAm Mo., 23. Nov. 2026 um 09:14 Uhr schrieb Perennial <reply@talk.example>:\n\n{QUOTED}",
        "Ja, bitte.",
    ),
    "gmail french": (
        f"Oui.\n\nLe lun. 23 nov. 2026 à 09:14, Perennial <reply@talk.example> a écrit :\n\n{QUOTED}",
        "Oui.",
    ),
    "gmail portuguese": (
        f"Sim.\n\nEm seg., 23 de nov. de 2026 às 09:14, Perennial <reply@talk.example>\nescreveu:\n\n{QUOTED}",
        "Sim.",
    ),
    "gmail italian": (
        f"Va bene.\n\nIl giorno lun 23 nov 2026 alle ore 09:14 Perennial <r@talk.example> ha scritto:\n\n{QUOTED}",
        "Va bene.",
    ),
    "a language nobody listed, quoted with marks": (
        f"Jah.\n\nKuupäeval E, 23. november 2026 kell 09:14 sõnas Perennial <r@talk.example>:\n\n{QUOTED}",
        "Jah.",
    ),
    "old gmail": ("Sure.\n\n2026-11-23 9:14 GMT-05:00 Perennial <r@talk.example>:\n\n> hello", "Sure."),
    "apple mail": (
        f"I have a question.\n\n> On Nov 23, 2026, at 9:14 AM, Perennial <r@talk.example> wrote:\n> \n{QUOTED}",
        "I have a question.",
    ),
    "apple mail on a phone": (
        f"Call me\n\nSent from my iPhone\n\n> On Nov 23, 2026, at 9:14 AM, Perennial <r@talk.example> wrote:\n{QUOTED}",
        "Call me",
    ),
    "iphone spanish": (
        f"Llámeme\n\nEnviado desde mi iPhone\n\n> El 23 nov 2026, a la(s) 9:14 a. m., Perennial <r@t.example> escribió:\n{QUOTED}",
        "Llámeme",
    ),
    "android": ("ok\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: P <r@t.example>\n"
                "Date: 11/23/26 9:14 AM (GMT-05:00)\nTo: ann@home.example\nSubject: Your kit\n\n" + OURS, "ok"),
    "samsung spanish": ("Está bien\n\nEnviado desde mi Galaxy\n\n-------- Mensaje original --------\nDe: P <r@t.example>\n"
                        "Fecha: 23/11/26 9:14\nPara: ana@casa.example\nAsunto: Su kit\n\nResponda STOP", "Está bien"),
    "outlook desktop": (
        "Tuesday works for me.\n\nFrom: Perennial <r@t.example> \nSent: Monday, November 23, 2026 9:14 AM\n"
        "To: ann@home.example\nSubject: Your visit\n\nCan you come on Tuesday? Reply STOP to stop.",
        "Tuesday works for me.",
    ),
    "outlook with rule": (
        "Tuesday works.\n\n________________________________\nFrom: P <r@t.example>\nSent: Monday\nTo: ann@home.example\n"
        "Subject: Your visit\n\nReply STOP to stop.",
        "Tuesday works.",
    ),
    "outlook old": (
        "Fine\n\n-----Original Message-----\nFrom: P [mailto:r@t.example]\nSent: Monday\nTo: ann\nSubject: x\n\nSTOP",
        "Fine",
    ),
    "outlook spanish": (
        "De acuerdo.\n\nDe: P <r@t.example>\nEnviado el: lunes, 23 de noviembre de 2026 9:14\nPara: ana@casa.example\n"
        "Asunto: Su visita\n\nResponda ALTO",
        "De acuerdo.",
    ),
    "outlook german": (
        "Passt.\n\nVon: P <r@t.example>\nGesendet: Montag, 23. November 2026 09:14\nAn: ann@heim.example\nBetreff: Termin\n\nSTOP",
        "Passt.",
    ),
    "outlook french": (
        "D'accord.\n\nDe : P <r@t.example>\nEnvoyé : lundi 23 novembre 2026 09:14\nÀ : a@maison.example\nObjet : Kit\n\nSTOP",
        "D'accord.",
    ),
    "outlook bold": (
        "Yes.\n\n*From:* P <r@t.example>\n*Sent:* Monday, November 23, 2026\n*To:* ann@home.example\n*Subject:* x\n\nSTOP",
        "Yes.",
    ),
    "outlook mobile": (
        "Yes.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: P <r@t.example>\n"
        "Sent: Monday\nTo: ann\nSubject: x\n\nSTOP",
        "Yes.",
    ),
    "yahoo": (
        "What does it cost?\n\n    On Monday, November 23, 2026 at 09:14:00 AM EST, Perennial <r@t.example> wrote:  \n \n"
        " Your kit is on its way. Reply STOP to stop.",
        "What does it cost?",
    ),
    "yahoo spanish": (
        "¿Cuánto cuesta?\n\n    El lunes, 23 de noviembre de 2026, 09:14:00 GMT-5, Perennial <r@t.example> escribió:  \n \n"
        " Responda STOP",
        "¿Cuánto cuesta?",
    ),
    "yahoo on a phone": (
        "ok thanks\n\nSent from Yahoo Mail for iPhone\n\n\nOn Monday, November 23, 2026, 9:14 AM, P <r@t.example> wrote:\n\nSTOP",
        "ok thanks",
    ),
    "proton": (
        "I agree.\n\nSent with [Proton Mail](https://proton.me/) secure email.\n\n------- Original Message -------\n"
        f"On Monday, November 23rd, 2026 at 9:14 AM, P <r@t.example> wrote:\n\n{QUOTED}",
        "I agree.",
    ),
    "zoho": ("Good.\n\n---- On Mon, 23 Nov 2026 09:14:00 -0500 P <r@t.example> wrote ----\n\nReply STOP", "Good."),
    "thunderbird": (f"Later.\n\nOn 11/23/26 9:14, P wrote:\n{QUOTED}\n\n-- \nAnn\n", "Later."),
    "thunderbird spanish": (f"Luego.\n\nEl 23/11/26 a las 9:14, P escribió:\n{QUOTED}", "Luego."),
    "bottom posting": (f"On 11/23/26 9:14, P wrote:\n{QUOTED}\n\nThat is fine with me.\n", "That is fine with me."),
    "interleaved": (
        "On Mon, Nov 23, 2026 at 9:14 AM P <r@t.example> wrote:\n\n> Have you had a fall?\n\nYes, once.\n\n"
        "> Do you take levodopa?\n\nThree a day.\n\n> Reply STOP to stop.\n",
        "Yes, once.\n\nThree a day.",
    ),
    "interleaved without blank lines": (
        "> Have you had a fall?\nYes, once.\n> Do you take levodopa?\nThree a day.\n",
        "Yes, once.\nThree a day.",
    ),
    "a broken quoted line is not an answer": (
        "ok\n\nOn Mon, Nov 23, 2026 at 9:14 AM P <r@t.example> wrote:\n\n"
        "> You may leave at any time and you need not give any reason. Reply\nstop to stop\n> or HELP for help.\n",
        "ok",
    ),
    "marker without quote marks": (f"Yes.\n\n{OURS}", "Yes."),
    "marker spanish": ("Sí.\n\nPor favor, responda por encima de esta línea\n\nResponda STOP", "Sí."),
    "signature": ("I moved.\n\n-- \nAnn Example\n12 High Street\nSTOP the war", "I moved."),
    "signature without its space": ("I moved.\n\n--\nAnn Example", "I moved."),
    "business card": (
        "Please call me tomorrow.\n\nKind regards,\n\nAnn Example\nHead of Gardens | Acme\nTel: +1 555 010 0199\nwww.acme.example",
        "Please call me tomorrow.",
    ),
    "disclaimer": (
        "Please call me.\n\nCONFIDENTIALITY NOTICE: This e-mail is for the addressee only.\nIf you got it in error, stop.",
        "Please call me.",
    ),
    "disclaimer spanish": (
        "Llámeme.\n\nEste mensaje y sus anexos son confidenciales y van dirigidos a su destinatario.",
        "Llámeme.",
    ),
    "forward with a word": (
        "See below.\n\n---------- Forwarded message ---------\nFrom: Bob <b@x.example>\nDate: Mon\nSubject: hi\nTo: ann\n\nSTOP",
        "See below.",
    ),
    "apple forward": (
        "Is this right?\n\nBegin forwarded message:\n\nFrom: Bob <b@x.example>\nSubject: hi\nDate: Monday\nTo: ann\n\nSTOP",
        "Is this right?",
    ),
    "nothing but a quote": (f"\n\nOn Mon, Nov 23, 2026 at 9:14 AM P <r@t.example> wrote:\n\n{QUOTED}", ""),
    "nothing but a phone": ("\nSent from my iPhone\n", ""),
    "virus scanner": ("Thanks!\n\nVirus-free. www.avast.com <https://www.avast.com/sig-email>\n", "Thanks!"),
}  # fmt: skip

KEPT = {
    "a doctor who wrote": "The doctor wrote:\nno more tablets until Monday.\nIs that right?",
    "a sentence that starts like an attribution": "On Monday I will be away: can we move it?\nAnn",
    "from and to in a sentence": "From: here\nI drive to the clinic in an hour.",
    "sent from the lab": "Sent from the lab yesterday, still no news.",
    "a list": "- one\n- two\n\nThanks,\nAnn",
    "a friendly end": "Yes, that works.\n\nThanks,\nMaria",
    "a dash": "I walk - slowly - every day",
    "a regards with a question": "Hello\n\nRegards,\nAnn\n\nOh, and when will somebody call me about the kit?",
    "a blank line": "One.\n\nTwo.",
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_text(name: str) -> None:
    body, expected = PLAIN[name]
    assert find_visible_text(body).text == expected


@pytest.mark.parametrize("name", KEPT)
def test_words_of_the_person_stay(name: str) -> None:
    assert find_visible_text(KEPT[name]).text == KEPT[name]


def test_marker_given_by_the_caller() -> None:
    text = "Ja.\n\n— Bitte über dieser Zeile antworten —\n\nIhr Kit"
    assert find_visible_text(text, markers=("Bitte über dieser Zeile antworten",)).text == "Ja."


HTML = {
    "gmail": (
        '<div dir="ltr">Yes please<br></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        'class="gmail_attr">On Mon, Nov 23, 2026 at 9:14 AM P &lt;<a href="mailto:r@t.example">r@t.example</a>&gt; '
        'wrote:<br></div><blockquote class="gmail_quote" style="margin:0">Reply STOP to stop</blockquote></div>',
        "Yes please",
    ),
    "gmail interleaved": (
        '<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">On Mon P wrote:</div><blockquote '
        'class="gmail_quote">Any falls?</blockquote><div>Yes, once.</div><blockquote class="gmail_quote">Levodopa?'
        "</blockquote><div>Three a day.</div></div></div>",
        "Yes, once.\n\nThree a day.",
    ),
    "gmail signature": (
        '<div>Yes</div><div class="gmail_signature" data-smartmail="gmail_signature">Ann, Head of Gardens</div>',
        "Yes",
    ),
    "outlook web": (
        '<div class="elementToProof">Tuesday works.</div><div id="appendonsend"></div><hr style="display:inline-block">'
        '<div id="divRplyFwdMsg" dir="ltr"><b>From:</b> P<br><b>Sent:</b> Monday<br></div><div>Reply STOP</div>',
        "Tuesday works.",
    ),
    "outlook desktop": (
        '<html><head><style>p {margin:0}</style></head><body><div class="WordSection1"><p class="MsoNormal">Tuesday works.'
        "<o:p></o:p></p><p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt;"
        "padding:3.0pt 0in 0in 0in'><p class=\"MsoNormal\"><b>Van:</b> P &lt;r@t.example&gt;</p></div>"
        '<p class="MsoNormal">Reply STOP</p></div></body></html>',
        "Tuesday works.",
    ),
    "hotmail from mobile": (
        '<div>ok</div><div class="ms-outlook-mobile-signature">Get <a href="https://aka.ms/x">Outlook for Android</a></div>'
        '<div class="ms-outlook-mobile-reference-message"><hr></div><div>STOP</div>',
        "ok",
    ),
    "yahoo": (
        '<div class="ydp1 yahoo-style-wrap"><div>What does it cost?</div></div><div id="yahoo_quoted_1" class="yahoo_quoted">'
        "<div>On Monday, P wrote:</div><div>Reply STOP</div></div>",
        "What does it cost?",
    ),
    "apple": (
        '<html><body>Call me<br><div id="AppleMailSignature">Sent from my iPhone</div><div><br><blockquote type="cite">On Nov 23, '
        "2026, at 9:14 AM, P wrote:<br></blockquote></div><blockquote type=\"cite\"><div>Reply STOP</div></blockquote></body></html>",
        "Call me",
    ),
    "thunderbird": (
        '<p>Later.</p><div class="moz-cite-prefix">On 11/23/26 9:14, P wrote:<br></div><blockquote type="cite" '
        'cite="mid:x@y"><p>Reply STOP</p></blockquote><p>And thanks.</p>',
        "Later.\n\nAnd thanks.",
    ),
    "proton": (
        '<div>I agree.</div><div class="protonmail_signature_block">Sent with Proton Mail</div><div class="protonmail_quote">'
        "On Monday, P wrote:<br><blockquote>Reply STOP</blockquote></div>",
        "I agree.",
    ),
    "zoho": ('<div>Good.</div><div class="zmail_extra"><div>---- On Mon, P wrote ----</div>Reply STOP</div>', "Good."),
    "script and style": ("<style>p{}</style><script>alert('STOP')</script><p>Hello<script>x</script></p>", "Hello"),
    "hidden": ('<div style="display:none;max-height:0">STOP</div><p>Hello</p>', "Hello"),
    "entities and spaces": ("<p>Caf&eacute;&nbsp;at   9\n o'clock &lt;ok&gt;</p>", "Café at 9 o'clock <ok>"),
    "list": ("<p>I take</p><ul><li>one</li><li>two</li></ul>", "I take\n\n- one\n- two"),
    "line breaks": ("One<br>Two<br><br>Three", "One\nTwo\n\nThree"),
    "table": ("<table><tr><td>Name</td><td>Ann</td></tr><tr><td>Age</td><td>50</td></tr></table>", "Name Ann\nAge 50"),
    "broken": ("<div><p>Hello <b>there<div>you</p></table>", "Hello there\nyou"),
}  # fmt: skip


@pytest.mark.parametrize("name", HTML)
def test_html(name: str) -> None:
    body, expected = HTML[name]
    assert find_visible_text(parse_html(body).replace("\u00a0", " ")).text == expected
