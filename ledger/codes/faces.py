"""What a caller asked of a face that it cannot do."""

from ledger.codes.code import Code

FACES: dict[str, Code] = {
    # -- request: what a caller asked of a face (API, CLI)
    "request.cursor": Code(
        "The cursor is not one that the previous page of this very list gave.",
        "Pass `next` of the page before as it is, with the same question; or begin again without a cursor.",
    ),
    "request.route": Code(
        "There is nothing at this path.",
        "Look the path up in /openapi.json; ids go into the query, never into the path.",
    ),
    "request.method": Code(
        "This path does not take that HTTP method.",
        "Use one of the methods that the Allow header lists.",
    ),
    "request.parameter": Code(
        "A parameter is missing, has a value of the wrong form, is given twice, or is not known here.",
        "Correct the parameter that the path names; /openapi.json describes all of them.",
    ),
    "request.type": Code(
        "The body is not announced as plain JSON.",
        "Send Content-Type: application/json, in UTF-8, and no Content-Encoding.",
    ),
    "request.body": Code(
        "The body is not the JSON that this path takes, or it ended too early.",
        'Send what /openapi.json describes: to /events an array ["<statement>", …], each one compact JWS; to '
        '/check {"lots": ["<id>", …], "policy": "<name>"}.',
    ),
    "request.size": Code(
        "The body is larger than this path takes: 8 MiB of statements, 2 MiB of lots to check.",
        "Send it in several requests; each batch of statements is all or nothing.",
    ),
    "request.count": Code(
        "The batch holds more than 5,000 statements.",
        "Post the statements in several batches; each is all or nothing.",
    ),
    "request.lots": Code(
        "More than 1,000 lots are asked about in one request, or they took two minutes.",
        "Ask about at most 1,000 lots at a time; about fewer, if the policy has many expressions.",
    ),
    "request.slow": Code(
        "The body did not arrive within a minute.",
        "Post smaller batches, or over a faster connection; nothing was recorded.",
    ),
    "request.busy": Code(
        "More is being posted at this moment than the server may hold in memory.",
        "Wait as long as Retry-After says, then post the same again; nothing was recorded.",
    ),
    "request.absent": Code(
        "The ledger does not hold what was asked for.",
        "Check it for misprints, or search for a shorter beginning of the id or of what is stamped on a lot "
        "(`oreline show`, `GET /search`). What was posted a moment ago is there once its receipt is.",
    ),
    "request.uncovered": Code(
        "No published checkpoint covers what was asked for yet.",
        "Ask again in a moment, or post with wait=checkpoint.",
    ),
    "request.address": Code(
        "The server cannot listen on that address and port.",
        "Choose a free port and an address of this machine; ports below 1024 need rights that you lack.",
    ),
    "request.internal": Code(
        "The server made a mistake of its own.",
        "Post again if you were posting, which never records twice; tell the operator, whose log has more.",
    ),
    # -- command: the command line
    "command.usage": Code(
        "The command line is not one that oreline understands.",
        "Add --help to the command to see what it takes.",
    ),
    "command.ledger": Code(
        "The command line does not say which ledger is meant.",
        "Give --ledger FOLDER, or set ORELINE_LEDGER to the folder that holds ledger.db.",
    ),
    "command.key": Code(
        "The command line does not say which private key is to sign.",
        "Give --key FILE, or set ORELINE_KEY; `oreline key new` makes a key.",
    ),
    "command.input": Code(
        "The file cannot be read.",
        "Check the path and that you may read the file; a - stands for standard input.",
    ),
    "command.content": Code(
        "The file does not hold what this command takes.",
        "Check that it is the right file; the command's --help says what it takes.",
    ),
    "command.output": Code(
        "The output could not be written, and nothing half-written was left behind.",
        "Check that the folder exists, that you may write to it, and that the disk has room.",
    ),
    "command.exists": Code(
        "There is something at that path already, and it is not overwritten.",
        "Choose another path, or move away what is there.",
    ),
    "command.remote": Code(
        "The server could not be reached, or its answer is not that of a ledger.",
        "Check the URL and that `oreline serve` runs there, then try again: nothing is recorded twice.",
    ),
    "command.public": Code(
        "The address can be reached from other machines.",
        "Serve on 127.0.0.1 behind a proxy that encrypts and knows its users; or say --public if you "
        "mean it.",
    ),
    "command.served": Code(
        "Another `oreline serve` serves this folder.",
        "Use that one, or stop it first; `oreline post --ledger` beside it is safe.",
    ),
    "command.internal": Code(
        "The program made a mistake of its own.",
        "Set ORELINE_DEBUG=1, run the command again, and send what it prints to those who maintain Oreline.",
    ),
}
