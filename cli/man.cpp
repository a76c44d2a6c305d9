#include "cli/man.hpp"

#include "base/text.hpp"
#include "cli/help.hpp"

namespace bulkhead::cli {
namespace {

// Text as roff takes it: backslashes, hyphens that must stay hyphens, and lines that start like a request.
std::string roff(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool line_start = i == 0 || text[i - 1] == '\n';
        if (line_start && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if (c == '^')
            out += "\\(ha";
        else if (c == '~')
            out += "\\(ti";
        else
            out += c;
    }
    return out;
}

std::string bold(std::string_view text) {
    return "\\fB" + roff(text) + "\\fR";
}

std::string paragraphs(std::string_view text) {
    std::string out;
    for (const auto& line : split_text(text, '\n')) out += line.empty() ? ".PP\n" : roff(line) + "\n";
    return out;
}

std::string tagged(const std::string& left, const std::string& right) {
    return ".TP\n" + left + "\n" + right + "\n";
}

std::string option_entry(const Option& option) {
    std::string left = option.letter ? bold(std::string{'-', option.letter}) + ", " : "";
    left += bold("--" + option.name);
    if (!option.value.empty()) left += " \\fI" + roff(option.value) + "\\fR";
    std::string right = roff(option.help);
    if (option.many) right += "; may be given again, or with commas";
    if (!option.preset.empty()) right += " (default: " + roff(option.preset) + ")";
    return tagged(left, right + ".");
}

std::string command_entry(const Command& command) {
    std::string text = ".SS " + roff(usage_line(command)) + "\n" + roff(command.summary) + ".\n";
    if (!command.description.empty()) text += ".PP\n" + paragraphs(command.description);
    for (const auto& argument : command.arguments)
        text += tagged("\\fI" + roff(argument.name) + "\\fR", roff(argument.help) + ".");
    for (const auto& option : command.options) text += option_entry(option);
    for (const auto& example : command.examples)
        text += ".PP\n" + roff(example.says) + ":\n.PP\n.RS 4\n.nf\n" + roff(example.line) + "\n.fi\n.RE\n";
    return text;
}

}  // namespace

std::string man_page(const std::vector<Command>& commands) {
    std::string text =
        ".\\\" Made by \"bulkhead __man\"; a test compares them. Change the tables in cli/commands/ "
        "instead.\n"
        ".TH BULKHEAD 1 \"\" \"Bulkhead " BULKHEAD_VERSION
        "\" \"Bulkhead\"\n"
        ".SH NAME\nbulkhead \\- divide one industrial gateway among many vendors\n"
        ".SH SYNOPSIS\n.B bulkhead\n\\fICOMMAND\\fR [\\fIOPTION\\fR...]\n"
        ".SH DESCRIPTION\n"
        "Talks to the partition manager of this gateway, \\fBbulkheadd\\fR, on its unix socket. "
        "Data goes to standard output; progress, questions and errors go to standard error.\n"
        ".SH COMMANDS\n";
    for (const auto& command : commands)
        if (!command.hidden) text += command_entry(command);
    text += ".SH OPTIONS OF EVERY COMMAND\n";
    for (const auto& option : global_options()) text += option_entry(option);
    text += ".SH EXIT STATUS\n";
    for (const auto& [code, meaning] : exit_codes()) text += tagged(bold(code), roff(meaning) + ".");
    text += ".PP\nA command that is interrupted ends as by the signal (130 for Ctrl\\-C in a shell).\n";
    text += ".SH ENVIRONMENT\n";
    text +=
        tagged(bold("BULKHEAD_SOCKET"), "Where the manager listens, if \\fB\\-\\-socket\\fR does not say.");
    text += tagged(bold("NO_COLOR"), "If it is set and not empty, nothing is coloured.");
    text += ".SH FILES\n" + tagged("\\fI/run/bulkhead/control.sock\\fR", "The manager's socket.");
    return text;
}

}  // namespace bulkhead::cli
