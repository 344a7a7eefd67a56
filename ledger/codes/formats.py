"""What can be wrong with JSON, values, keys and statements: all that is judged of bytes alone."""

from ledger.codes.code import Code

FORMATS: dict[str, Code] = {
    # -- json: strict JSON (ledger.strictjson)
    "json.utf8": Code(
        "The octets are not UTF-8.",
        "Write the JSON text as UTF-8 before you sign or send it.",
    ),
    "json.bom": Code(
        "The JSON text begins with a byte-order mark.",
        "Write UTF-8 without a byte-order mark.",
    ),
    "json.syntax": Code(
        "The octets are not one JSON text.",
        "Correct the text where the detail says; it is one JSON value (RFC 8259) and nothing after it.",
    ),
    "json.depth": Code(
        "The JSON text is nested too deeply.",
        "Nest arrays and objects at most 32 deep.",
    ),
    "json.duplicate": Code(
        "An object holds the same name twice, so two readers could see two values.",
        "Give each name once in an object.",
    ),
    "json.proto": Code(
        "An object holds the name __proto__, which some readers obey instead of reading.",
        "Choose another name.",
    ),
    "json.number": Code(
        "A number is a fraction, has an exponent, is -0, NaN or infinite.",
        'Write whole numbers in plain digits; write decimals as strings, for instance "1.5".',
    ),
    "json.range": Code(
        "A number is 2^53 or more in magnitude, which some readers would round.",
        "Write large numbers as strings.",
    ),
    "json.surrogate": Code(
        "A string or name holds half of a surrogate pair, which is no character.",
        "Write whole characters: both halves of the pair, or the character itself in UTF-8.",
    ),
    # -- value: times, masses, ids, decimals (ledger.quantity)
    "value.mass": Code(
        "The mass is not spelt as kg: digits without leading zeros and at most three decimals.",
        'Write the mass in kg as a string such as "17400" or "8.25", below 1,000,000,000,000.',
    ),
    "value.mass_zero": Code(
        "The mass is zero.",
        "Leave the line out, or give the mass that there is: every mass is above zero.",
    ),
    "value.time": Code(
        "The time is not spelt YYYY-MM-DDTHH:MM:SSZ.",
        "Write the time in UTC with whole seconds and a Z, for instance 2026-03-02T06:00:00Z.",
    ),
    "value.instant": Code(
        "The time is not spelt YYYY-MM-DDTHH:MM:SS.mmmZ.",
        "Write the time in UTC with three decimals and a Z, for instance 2026-03-02T06:00:01.123Z.",
    ),
    "value.date": Code(
        "There is no such day in the calendar.",
        "Correct the day; years run from 0001 to 9999.",
    ),
    "value.id": Code(
        "The id is not a URI as this ledger takes them.",
        "Use at most 256 ASCII characters of a URI, with a lower-case scheme and no percent sign, for "
        "instance urn:example:lot:4711.",
    ),
    "value.name": Code(
        "The name could mislead the people who read it.",
        "Give 1 to 200 visible characters in Unicode form NFC, without control, bidi or zero-width "
        "characters and without white space at the ends.",
    ),
    "value.ratio": Code(
        "The ratio is not a plain decimal with at most six places.",
        'Write it as a string such as "1.889".',
    ),
    # -- key, statement: keys and JWS (ledger.keys, ledger.keyfile, ledger.statement)
    "key.type": Code(
        "The key is of a kind that this ledger does not use.",
        "Use an Ed25519 key (kty OKP, crv Ed25519), a P-256 key (kty EC, crv P-256) or an ML-DSA-44 key "
        "(kty AKP, alg ML-DSA-44).",
    ),
    "key.member": Code(
        "The key lacks a member that its kind needs, or has one that no public key has.",
        "Give kty, crv and x (P-256: also y; ML-DSA-44: kty, alg and pub) as strings, and nothing else but "
        "kid, use, alg, key_ops or ext.",
    ),
    "key.private": Code(
        "The key holds the secret member d or priv where a public key belongs.",
        "Treat this key as lost: revoke it, make a new one, and give away only the public half.",
    ),
    "key.encoding": Code(
        "A coordinate or secret of the key is not 32 octets in unpadded base64url, or the pub of an "
        "ML-DSA-44 key not 1,312.",
        "Write x, y and d as RFC 7518 says: always 32 octets, leading zeros kept, base64url without padding; "
        "pub and priv (1,312 and 32 octets) as RFC 9964 says.",
    ),
    "key.point": Code(
        "The key is not a canonical point of its curve's prime-order group, so libraries could "
        "disagree about its signatures.",
        "Make a new key with a common library; an honest one never makes such a key.",
    ),
    "key.mismatch": Code(
        "The secret and the public half of the key do not belong together.",
        "Restore the key file from a copy, or make a new key.",
    ),
    "key.use": Code(
        "The key says that it is for something else than signing with its own algorithm.",
        "Leave out use, or write sig; leave out alg, or write the algorithm of the key's kind.",
    ),
    "key.no_ml_dsa": Code(
        "The cryptography library on this machine was built without ML-DSA, so this could not be checked or "
        "signed; that says nothing about the signature.",
        "Install the `cryptography` package of Python's package index in version 48 or newer, or one built "
        "against OpenSSL 3.5 or newer.",
    ),
    "key.form": Code(
        "The file does not hold a key.",
        "Give the path of a JSON Web Key, or of an encrypted one made by oreline key.",
    ),
    "key.passphrase": Code(
        "The key file is encrypted, and no passphrase or a wrong one was given.",
        "Give the passphrase that the key was saved with (ORELINE_PASSPHRASE); it cannot be recovered.",
    ),
    "key.unreadable": Code(
        "The key file cannot be read.",
        "Check the path and that you may read the file.",
    ),
    "key.unwritable": Code(
        "The key file cannot be written.",
        "Check that the folder exists, that you may write to it, and that there is room.",
    ),
    "key.exists": Code(
        "There is already a file at that path, and a key is never overwritten.",
        "Choose another path; move the old key away only if you are sure that no one needs it.",
    ),
    "key.file_mode": Code(
        "Others on this machine may read the private key.",
        "Take their rights away with chmod 600; if someone may have read it, revoke the key.",
    ),
    "statement.size": Code(
        "The statement is longer than 48 KiB.",
        "Split the event into several; keep documents elsewhere and give their hashes.",
    ),
    "statement.form": Code(
        "The statement is not three parts of ASCII text with two dots between.",
        "Use JWS compact serialisation (RFC 7515 section 7.1), without line breaks or white space around it.",
    ),
    "statement.base64": Code(
        "A part of the statement is not base64url as RFC 7515 has it: no padding, no white space, no "
        "stray bits.",
        "Send the statement exactly as the JWS library made it.",
    ),
    "statement.header": Code(
        "The header is not a strict JSON object of exactly alg, kid and typ.",
        "Set these three members in the protected header, and no other.",
    ),
    "statement.typ": Code(
        "The header's typ is not oreline+jws.",
        "Set typ to oreline+jws, so that a signature made for something else can never pass as a statement.",
    ),
    "statement.alg": Code(
        "The header's alg is not the one that the key's kind fixes.",
        "Set alg to Ed25519 (or EdDSA) for an Ed25519 key, to ES256 for a P-256 key and to ML-DSA-44 for an "
        "ML-DSA-44 key.",
    ),
    "statement.kid": Code(
        "The header's kid is not the RFC 7638 thumbprint of the key that is to have signed.",
        "Set kid to the base64url SHA-256 thumbprint of the public key, 43 characters.",
    ),
    "statement.signature": Code(
        "The signature is not the key's over this header and payload.",
        "Sign again with the registered key; if you changed nothing, someone else changed the "
        "statement on its way.",
    ),
    "statement.unread": Code(
        "The statements before this one in the batch are malformed in so many places that it was not read.",
        "Mend the statements that are named, or leave them out, and post this one again: nothing is said "
        "against it.",
    ),
}
