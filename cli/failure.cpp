#include "cli/failure.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/text.hpp"
#include "cli/style.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t longest_line = 4096;

// Cuts ":NUMBER" off the end of `place`, or leaves it alone and returns -1.
long cut_number(std::string_view& place) {
    const auto colon = place.rfind(':');
    if (colon == std::string_view::npos) return -1;
    long number = -1;
    const char* end = place.data() + place.size();
    const auto [rest, error] = std::from_chars(place.data() + colon + 1, end, number);
    if (error != std::errc{} || rest != end) return -1;
    place = place.substr(0, colon);
    return number;
}

std::tuple<std::string_view, long, long> place_of(const Problem& problem) {
    std::string_view name = problem.where;
    const long last = cut_number(name);
    const long before = cut_number(name);
    return before < 0 ? std::tuple{name, last, -1L} : std::tuple{name, before, last};
}

std::string further(std::string_view label, const std::string& text, bool colour) {
    if (text.empty()) return {};
    return "  " + styled(std::string(label) + ":", Style::bold, colour) + " " +
           printable(text, longest_line) + "\n";
}

}  // namespace

Problem problem_of(const v1alpha1::ErrorDetail& detail) {
    return {detail.code(), detail.what(), detail.where(), detail.wanted(), detail.mend()};
}

Failure::Failure(Error error, Exit code)
    : problems{Problem{std::string(code_name(error.code)), std::move(error.what), std::move(error.where),
                       std::move(error.wanted), std::move(error.mend)}},
      exit(code) {
}

std::unexpected<Failure> fail_usage(std::string what, std::string mend) {
    return std::unexpected(
        Failure(Error{Code::invalid, std::move(what), {}, {}, std::move(mend)}, Exit::usage));
}

void sort_by_place(std::vector<Problem>& problems) {
    std::ranges::stable_sort(problems, {}, place_of);
}

std::string failure_text(const Failure& failure, bool colour) {
    std::vector<Problem> problems = failure.problems;
    sort_by_place(problems);
    std::string text;
    for (const auto& problem : problems) {
        text += styled("error[" + printable(problem.code, 64) + "]:", Style::bad, colour) + " ";
        if (!problem.where.empty())
            text += styled(printable(problem.where, longest_line) + ":", Style::bold, colour) + " ";
        text += printable(problem.what, longest_line) + "\n";
        text += further("wanted", problem.wanted, colour);
        text += further("mend", problem.mend, colour);
    }
    if (problems.size() > 1) text += std::to_string(problems.size()) + " errors\n";
    return text;
}

Failure failure_of(const Errors& errors) {
    Failure failure;
    for (const auto& error : errors)
        failure.problems.push_back(
            {std::string(code_name(error.code)), error.what, error.where, error.wanted, error.mend});
    return failure;
}

}  // namespace bulkhead::cli
