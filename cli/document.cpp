#include "cli/document.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file.hpp"

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

}  // namespace

Option file_option() {
    return {.name = "file",
            .letter = 'f',
            .value = "FILE",
            .help = "The gateway's spec; - reads it from stdin, 1 MiB at most",
            .values = Values::file};
}

Outcome<Document> read_document(const Invocation& args) {
    const std::string path = args.text("file");
    if (path.empty()) return fail_usage("the spec is missing", "name it with -f FILE");
    auto content = path == "-" ? read_stdin() : read_file(path, document_limit);
    if (!content) return std::unexpected(Failure(content.error()));
    return Document{path == "-" ? "<stdin>" : path, std::move(*content)};
}

}  // namespace bulkhead::cli
