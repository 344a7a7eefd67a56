"""What can be wrong with a buyer's policy file (ledger.policy)."""

from ledger.codes.code import Code

POLICY: dict[str, Code] = {
    "policy.size": Code(
        "The policy is larger than 131,072 octets, or has too many requirements, examples or schemes.",
        "Split it into several policies and check a lot against each of them.",
    ),
    "policy.syntax": Code(
        "The text is not TOML, or gives a name twice.",
        "Correct the line that is named; the file must be TOML 1.0, each name once in its table.",
    ),
    "policy.format": Code(
        "The file does not say that it is a policy of a format that this version reads.",
        'Begin the file with format = "oreline-policy/1".',
    ),
    "policy.missing": Code(
        "A member that must be there is not there.",
        "Add the member; docs/reference/policies.md lists what each kind of requirement needs.",
    ),
    "policy.unknown": Code(
        "A member is not known here, so what it was meant to demand would not be demanded.",
        "Correct the spelling or take it out; docs/reference/policies.md lists the members of each kind.",
    ),
    "policy.value": Code(
        "A value is not of the form that its member takes.",
        'Write it as the sentence says; numbers with decimals are text, for instance "4.0".',
    ),
    "policy.kind": Code(
        "There is no such kind of requirement.",
        "Take one of the kinds in docs/reference/policies.md; what none of them says may be an expression.",
    ),
    "policy.twice": Code(
        "Two requirements or examples bear the same name, so nobody could tell which one a finding is about.",
        "Give each requirement its own id and each example its own name.",
    ),
    "policy.scheme": Code(
        "The requirement asks for a scheme that neither this program nor the policy describes.",
        "Correct the scheme's name, or describe it in the policy in a table [schemes.<name>].",
    ),
    "policy.expect": Code(
        "An example expects a verdict of a requirement that the policy does not have.",
        "Name the id of one of the policy's requirements, or `verdict` for the verdict in all.",
    ),
    "policy.examples": Code(
        "The policy has no examples, so there is nothing to try.",
        "Add tables [[example]] with a piece of a claims document and the verdicts that it must get.",
    ),
    "policy.name": Code(
        "There is no shipped policy of that name.",
        "Ask for the names with `oreline policy list`, or give a policy file.",
    ),
}
