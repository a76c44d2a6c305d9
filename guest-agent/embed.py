"""Writes a header that holds a text file: embed.py INPUT NAME OUTPUT."""
import sys

source, name, output = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    text = file.read()
# A string literal may have 65,536 characters; compilers join neighbours.
lines = "".join(f'R"BULKHEAD({line})BULKHEAD" "\\n"\n' for line in text.splitlines())
with open(output, "w", encoding="utf-8") as file:
    file.write(
        "#pragma once\n\n#include <string_view>\n\nnamespace bulkhead::agent {\n"
        f"inline constexpr std::string_view {name} =\n{lines};\n}}  // namespace bulkhead::agent\n")
