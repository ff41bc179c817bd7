"""The lines mail programs write above the mail they quote, and below the mail they send, in the languages they speak.

Tables only: they recognise what programs wrote, nothing here is ever sent. `visible_text` says how they are used.
"""

import re

_FLAGS = re.IGNORECASE | re.UNICODE

WROTE = re.compile(
    r"\b(?:wrote|writes|escribi[oó]|ha escrito|schrieb|hat geschrieben|a écrit|a ecrit|ha scritto|escreveu|schreef|"
    r"heeft geschreven|skrev|napisał(?:a|\(a\))?|pisze|napsal(?:\(a\)|a)?|kirjoitti|írta|a scris|yazdı|va escriure|"
    r"đã viết|написал(?:а|\(а\))?|пишет|έγραψε)\b|(?:写道|寫道|작성|のメール|さんは書きました|كتب)",
    _FLAGS,
)
"""The verb of an attribution line: "On Monday, Ann wrote:"."""

ATTRIBUTION_START = re.compile(
    r"^[\s*_-]*(?:on|el|am|le|il|em|op|den|dne|dnia|w dniu|no dia|pe|a|vào|at|el día|il giorno|на|в)\b",
    _FLAGS,
)
DATE_OR_ADDRESS = re.compile(
    r"[^\s@<]+@[^\s@>]+|\b\d{1,2}:\d{2}\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b|\b(?:19|20)\d{2}\b|\d+\s*[年월月]", _FLAGS
)
OLD_GMAIL = re.compile(r"^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s+\d{1,2}:\d{2}.{0,200}<[^<>\s]+@[^<>\s]+>\s*:\s*$", _FLAGS)
"""2026-11-23 9:14 GMT-05:00 Perennial <hello@programme.example>:"""

_DASHES = r"[-‐‑–—_=*#~\s]"
_ORIGINAL = (
    r"original(?: e-?mail)? message|forwarded (?:message|mail|by)|original (?:mail|email)|reply message|"
    r"mensaje original|"
    r"mensaje reenviado|correo original|ursprüngliche (?:nachricht|e-mail|mail)|original-?nachricht|"
    r"weitergeleitete nachricht|"
    r"message d['’]origine|message original|message transféré|message transmis|messaggio originale|"
    r"messaggio inoltrato|"
    r"mensagem original|mensagem encaminhada|oorspronkelijk(?:e)? bericht|doorgestuurd bericht|"
    r"ursprungligt meddelande|originalmeddelande|oprindelig meddelelse|opprinnelig melding|wiadomość oryginalna|"
    r"oryginalna wiadomość|původní zpráva|eredeti üzenet|alkuperäinen viesti|исходное сообщение|"
    r"пересылаемое сообщение|"
    r"missatge original|mesaj original|orijinal mesaj|原始邮件|原始郵件|元のメッセージ|원본 메일|转发邮件"
)
ORIGINAL_LINE = re.compile(
    rf"^\s*(?:{_DASHES}{{2,}}\s*(?:{_ORIGINAL})\b.{{0,80}}|(?:{_ORIGINAL})\s*{_DASHES}{{3,}})\s*$", _FLAGS
)
FORWARD_LINE = re.compile(
    r"^\s*(?:begin forwarded message|inicio del mensaje reenviado|anfang der weitergeleiteten (?:nachricht|e-mail)|"
    r"début du (?:message (?:réexpédié|transféré)|courriel transféré)|inizio messaggio inoltrato|"
    r"início da mensagem (?:reencaminhada|encaminhada)|"
    r"begin doorgestuurd bericht)\s*:?\s*$",
    _FLAGS,
)

_FROM = (
    r"from|de|von|da|van|från|fra|od|от|feladó|lähettäjä|kimden|expéditeur|remitente|发件人|寄件者|差出人|보낸\s?사람"
)
_OTHER = (
    r"sent|date|to|cc|subject|reply-to|enviado(?: el| em)?|enviada(?: em)?|fecha|para|asunto|assunto|data|"
    r"gesendet|datum|an|betreff|kopie|"
    r"envoyé(?: le)?|à|objet|inviato|a|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|wysłano|"
    r"do|temat|"
    r"odesláno|komu|předmět|отправлено|дата|кому|тема|lähetetty|vastaanottaja|aihe|dátum|címzett|tárgy|发送时间|收件人|"
    r"主题|日期|"
    r"送信日時|宛先|件名|보낸 날짜|받는 사람|제목|responder a"
)
HEADER_FROM = re.compile(rf"^\s*[*_]{{0,2}}(?:{_FROM})\s?[*_]{{0,2}}\s?[::]\s?[*_]{{0,2}}\s*\S.*$", _FLAGS)
HEADER_OTHER = re.compile(rf"^\s*[*_]{{0,2}}(?:{_OTHER}|{_FROM})\s?[*_]{{0,2}}\s?[::]", _FLAGS)

_DEVICES = (
    r"iphone|ipad|ipod|apple watch|android|outlook|samsung|galaxy|yahoo|aol|mail\b|e-mail|gmail|blackberry|"
    r"proton|windows|"
    r"huawei|xiaomi|motorola|smartphone|phone|tablet|mobile|mobil|handy|dispositivo|m[oó]vil|celular|tel[eé]fono|"
    r"teléphone|"
    r"t[eé]l[eé]phone|portable|cellulare|telefoon|telefon|nokia|pixel|verizon|at&t|t-mobile|xfinity|fairemail|"
    r"spark|thunderbird"
)
SENT_FROM = re.compile(
    r"^\s*[>*_\s-]*(?:sent|enviado|enviada|gesendet|diese nachricht wurde|von meinem|envoy[ée]|inviato|verzonden|"
    r"skickat|sendt|"
    rf"wysłane|отправлено|lähetetty|trimis|odesláno|enviat)\b.{{0,40}}(?:{_DEVICES}).{{0,80}}$",
    _FLAGS,
)
APP_LINE = re.compile(
    r"^\s*(?:(?:get|obtener|obtén|holen sie sich|télécharger|obtenir|scarica|baixar|"
    r"download)\s+(?:the\s+)?(?:microsoft\s+)?outlook\b.{0,120}|"
    r"yahoo mail\s?:.{0,80}|(?:virus-?free|libre de virus|virenfrei|sans virus|garantito senza virus|"
    r"livre de vírus)\.?\s.{0,60}(?:avast|avg).{0,60}|"
    r"excuse (?:my |any )?(?:the )?(?:brevity|typos).{0,60}|(?:please )?(?:excuse|forgive|pardon) (?:my |"
    r"any )?(?:the )?(?:brevity|typos|spelling).{0,80})\s*$",
    _FLAGS,
)
SIGNATURE_LINE = re.compile(r"^(?:--|—|––|-- --|_{2,3}) ?$")
"""RFC 3676 section 4.3 says "-- "; the space is often lost."""

DISCLAIMER = re.compile(
    r"^\s*[*_\[(]*(?:confidentiality (?:notice|note|statement)|confidential(?:ity)? disclaimer|aviso (?:legal|"
    r"de confidencialidad)|"
    r"(?:nota|cláusula) de confidencialidad|disclaimer\s*:|legal notice\s*:|"
    r"(?:this|the information (?:contained )?in this|the contents of this) (?:e-?mail|electronic mail|message|"
    r"communication|transmission)\b"
    r".{0,200}(?:confidential|privileged|intended|addressee)|"
    r"(?:este|la información (?:contenida )?en este) (?:correo|mensaje|e-?mail)\b.{0,200}(?:confidencial|"
    r"destinatario)|"
    r"diese (?:e-?mail|nachricht) .{0,200}vertraulich|ce (?:message|courriel|mail) .{0,200}confidentiel|"
    r"antes de imprimir este|please consider the environment)",
    _FLAGS,
)
MARKER = re.compile(
    r"##-.{0,160}-##|\b(?:please )?(?:type|write|enter) your (?:reply|answer|response) above this line|"
    r"\b(?:please )?reply above this line|\b(?:responda|escriba su respuesta|conteste|"
    r"responde) (?:por )?(?:encima|arriba) de esta l[ií]nea",
    _FLAGS,
)
"""The line with which a mail of ours begins (and those of others): everything from there on is ours."""

FORMAL_CLOSING = re.compile(
    r"^\s*(?:(?:best|kind|kindest|warm|warmest|with (?:best|kind|warm))\s+(?:regards|wishes)|regards|"
    r"sincerely(?: yours)?|"
    r"yours (?:sincerely|truly|faithfully)|cordially|respectfully|(?:un )?(?:cordial )?saludos?(?: cordiales)?|"
    r"un saludo|atentamente|"
    r"(?:muy )?atte|mit freundlichen grüßen|viele grüße|freundliche grüße|cordialement|bien à vous|cordiali saluti|"
    r"atenciosamente|met vriendelijke groet(?:en)?|best|cheers|thanks(?: again| so much)?|thank you(?: so much)?|"
    r"many thanks|(?:muchas )?gracias)\s*[,.!]?\s*$",
    _FLAGS,
)
CONTACT_DATA = re.compile(
    r"https?://|www\.|[^\s@]+@[^\s@]+\.\w|\||\+?\d[\d\s().-]{6,}\d|\b(?:tel|phone|mobile|cell|fax|office|direct|"
    r"móvil|teléfono)\b\s*[.:]",
    _FLAGS,
)
