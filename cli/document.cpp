#include "cli/document.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file.hpp"
#include "cli/site_values.hpp"

namespace bulkhead::cli {
namespace {

Result<std::string> read_stdin() {
    std::string content;
    std::array<char, 16384> chunk{};
    while (true) {
        const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno("can't read", "<stdin>");
        if (got == 0) return content;
        content.append(chunk.data(), static_cast<std::size_t>(got));
        if (content.size() > document_limit)
            return fail(Code::invalid, "the document is larger than 1 MiB", "<stdin>");
    }
}

// A document without variables needs no values, and one with them says which are missing.
Outcome<std::string> filled_in(const Invocation& args, const std::string& name, const std::string& content) {
    const std::string path = args.text("values");
    SiteValues values;
    if (!path.empty()) {
        const auto text = read_file(path, document_limit);
        if (!text) return std::unexpected(Failure(text.error()));
        auto parsed = parse_site_values(*text, path);
        if (!parsed) return std::unexpected(failure_of(parsed.error()));
        values = std::move(*parsed);
    }
    auto filled = fill_in(content, name, values, path);
    if (!filled) return std::unexpected(failure_of(filled.error()));
    return std::move(*filled);
}

}  // namespace

Option file_option() {
    return {.name = "file",
            .letter = 'f',
            .value = "FILE",
            .help = "The gateway's spec; - reads it from stdin, 1 MiB at most",
            .values = Values::file};
}

Option values_option() {
    return {.name = "values",
            .value = "FILE",
            .help = "Values of this site, for each ${name} in the spec",
            .values = Values::file};
}

Outcome<Document> read_document(const Invocation& args) {
    const std::string path = args.text("file");
    if (path.empty()) return fail_usage("the spec is missing", "name it with -f FILE");
    auto content = path == "-" ? read_stdin() : read_file(path, document_limit);
    if (!content) return std::unexpected(Failure(content.error()));
    const std::string name = path == "-" ? "<stdin>" : path;
    auto filled = filled_in(args, name, *content);
    if (!filled) return std::unexpected(filled.error());
    return Document{name, std::move(*filled)};
}

}  // namespace bulkhead::cli
