#include "cli/help.hpp"

#include <algorithm>

#include "cli/style.hpp"

namespace bulkhead::cli {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string block(std::string_view title, const Lines& lines, bool colour) {
    if (lines.empty()) return {};
    std::size_t width = 0;
    for (const auto& [left, right] : lines) width = std::max(width, left.size());
    std::string text = "\n" + styled(title, Style::bold, colour) + "\n";
    for (const auto& [left, right] : lines)
        text += "  " + left + std::string(width - left.size() + 3, ' ') + right + "\n";
    return text;
}

std::string option_help(const Option& option) {
    std::string text = option.help;
    if (option.many) text += "; may be given again";
    if (!option.preset.empty()) text += " (" + option.preset + ")";
    return text;
}

Lines option_lines(const std::vector<Option>& options) {
    Lines lines;
    for (const auto& option : options) lines.emplace_back(option_words(option), option_help(option));
    return lines;
}

std::string examples_text(const Command& command, bool colour) {
    if (command.examples.empty()) return {};
    std::string text = "\n" + styled("Examples", Style::bold, colour) + "\n";
    for (const auto& example : command.examples)
        text += "  " + styled("# " + example.says, Style::dim, colour) + "\n  " + example.line + "\n";
    return text;
}

}  // namespace

std::string usage_line(const Command& command) {
    std::string text = "bulkhead " + command.name;
    for (const auto& argument : command.arguments)
        text += " " + (argument.optional ? "[" + argument.name + "]" : argument.name);
    const bool file = std::ranges::find(command.options, "file", &Option::name) != command.options.end();
    if (file) text += " -f FILE";
    return command.options.size() > (file ? 1U : 0U) ? text + " [OPTION...]" : text;
}

std::string option_words(const Option& option) {
    std::string text = option.letter ? std::string{'-', option.letter} + ", " : "    ";
    text += "--" + option.name;
    return option.value.empty() ? text : text + " " + option.value;
}

Lines exit_codes() {
    return {
        {"0", "done"},
        {"1", "refused or failed; diff: different; plan: apply would refuse; doctor: something is missing"},
        {"2", "wrong usage; diff: any error"},
        {"3", "the manager can't be reached"}};
}

std::string help_text(const std::vector<Command>& commands, bool colour) {
    std::string text =
        "Bulkhead divides one industrial gateway among many vendors.\n\n"
        "Usage: bulkhead COMMAND [OPTION...]\n";
    Lines lines;
    for (const auto& command : commands)
        if (!command.hidden) lines.emplace_back(command.name, command.summary);
    text += block("Commands", lines, colour);
    auto options = option_lines(global_options());
    options.emplace_back("    --version", "Show the version of this program");
    text += block("Options", options, colour);
    text += block("Exit codes", exit_codes(), colour);
    return text + "\nMore: bulkhead COMMAND --help, man bulkhead\n";
}

std::string help_text(const Command& command, bool colour) {
    std::string text =
        "bulkhead " + command.name + ": " + command.summary + "\n\nUsage: " + usage_line(command) + "\n";
    if (!command.description.empty()) text += "\n" + command.description + "\n";
    Lines arguments;
    for (const auto& argument : command.arguments) arguments.emplace_back(argument.name, argument.help);
    text += block("Arguments", arguments, colour);
    text += block("Options", option_lines(command.options), colour);
    text += block("Options of every command", option_lines(global_options()), colour);
    return text + examples_text(command, colour);
}

}  // namespace bulkhead::cli
