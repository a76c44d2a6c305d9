#include "yaml/document.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <utility>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace bulkhead::yaml {
namespace {

struct DeleteParser {
    void operator()(yaml_parser_t* parser) const {
        yaml_parser_delete(parser);
        delete parser;
    }
};
using Parser = std::unique_ptr<yaml_parser_t, DeleteParser>;

struct Event {
    Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { yaml_event_delete(&raw); }
    yaml_event_t raw{};
};

Mark mark(const yaml_mark_t& raw) {
    return {raw.line + 1, raw.column + 1};
}

Mark mark_of_offset(std::string_view text, std::size_t offset) {
    Mark at;
    for (const char c : text.substr(0, offset)) {
        if (c == '\n')
            at = {at.line + 1, 1};
        else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)
            ++at.column;
    }
    return at;
}

std::string_view view(const yaml_char_t* text, std::size_t length) {
    return {reinterpret_cast<const char*>(text), length};
}

std::string in_quotes(std::string_view text) {
    return "'" + printable(text, 64) + "'";
}

// YAML 1.2, core schema.
bool is_null(std::string_view text) {
    static constexpr std::array<std::string_view, 5> words{"", "~", "null", "Null", "NULL"};
    return std::ranges::find(words, text) != words.end();
}

// Puts events together to a tree, without recursion: the stack holds what is open.
class Builder {
  public:
    explicit Builder(std::string_view file_name) : file_name_(file_name) {}

    // False: the document can't be gone on with.
    bool take(const yaml_event_t& event);
    void refuse(Mark at, std::string what, std::string wanted = {}, std::string mend = {});
    std::expected<Node, Errors> result() &&;

  private:
    struct Open {
        Node node;
        std::map<std::string, Mark> keys;
        bool has_key = false;
        std::string key;
        Mark key_at;
    };

    bool open(Kind kind, Mark at);
    void close();
    void scalar(const yaml_event_t& event);
    void take_key(Open& map, Node&& scalar);
    void add(Node&& node);
    void refuse_extras(const yaml_char_t* anchor, const yaml_char_t* tag, Mark at);

    std::string file_name_;
    std::vector<Open> stack_;
    Node root_;
    std::size_t documents_ = 0;
    std::size_t parts_ = 0;
    Errors errors_;
};

void Builder::refuse(Mark at, std::string what, std::string wanted, std::string mend) {
    if (errors_.size() < most_errors)
        errors_.push_back(
            {Code::invalid, std::move(what), place(file_name_, at), std::move(wanted), std::move(mend)});
}

void Builder::refuse_extras(const yaml_char_t* anchor, const yaml_char_t* tag, Mark at) {
    if (anchor != nullptr)
        refuse(at, "anchor '&" + printable(reinterpret_cast<const char*>(anchor), 64) + "' is not allowed",
               "plain values", "write the value out where it is needed");
    if (tag != nullptr)
        refuse(at, "tag " + in_quotes(reinterpret_cast<const char*>(tag)) + " is not allowed", "plain values",
               "remove the tag");
}

bool Builder::open(Kind kind, Mark at) {
    if (stack_.size() >= deepest_node) {
        refuse(at, "nested too deeply", "at most " + std::to_string(deepest_node) + " levels");
        return false;
    }
    Open open;
    open.node.kind = kind;
    open.node.at = at;
    stack_.push_back(std::move(open));
    return true;
}

void Builder::close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(node));
}

void Builder::scalar(const yaml_event_t& event) {
    const auto& raw = event.data.scalar;
    Node node;
    node.at = mark(event.start_mark);
    node.text = view(raw.value, raw.length);
    node.quoted = raw.style != YAML_PLAIN_SCALAR_STYLE;
    node.kind = !node.quoted && is_null(node.text) ? Kind::null : Kind::scalar;
    add(std::move(node));
}

void Builder::take_key(Open& map, Node&& node) {
    map.has_key = true;
    map.key_at = node.at;
    map.key = std::move(node.text);
    if (node.kind == Kind::list || node.kind == Kind::map)
        return refuse(node.at, "a key can't be " + describe(node), "a word as key");
    if (!node.quoted && map.key == "<<")
        return refuse(node.at, "merge key '<<' is not allowed", "plain keys", "write the keys out");
    if (map.key.find('\0') != std::string::npos) return refuse(node.at, "a key holds a NUL character");
    const auto [first, fresh] = map.keys.try_emplace(map.key, map.key_at);
    if (!fresh)
        refuse(map.key_at, "key " + in_quotes(map.key) + " is there twice", {},
               "remove it here or at " + place(file_name_, first->second));
}

void Builder::add(Node&& node) {
    if (stack_.empty()) {
        root_ = std::move(node);
        return;
    }
    Open& parent = stack_.back();
    if (parent.node.kind == Kind::map && !parent.has_key) return take_key(parent, std::move(node));
    if (node.text.find('\0') != std::string::npos) refuse(node.at, "the text holds a NUL character");
    if (parent.node.kind == Kind::map) {
        node.key = std::move(parent.key);
        node.key_at = parent.key_at;
        parent.has_key = false;
    }
    parent.node.children.push_back(std::move(node));
}

bool Builder::take(const yaml_event_t& event) {
    const Mark at = mark(event.start_mark);
    if (++parts_ > most_parts) {
        refuse(at, "the document has too many parts", "at most " + std::to_string(most_parts));
        return false;
    }
    switch (event.type) {
        case YAML_DOCUMENT_START_EVENT:
            if (++documents_ > 1) {
                refuse(at, "a second document starts here", "one document per file",
                       "put it in a file of its own");
                return false;
            }
            return true;
        case YAML_ALIAS_EVENT:
            refuse(at,
                   "alias '*" + printable(reinterpret_cast<const char*>(event.data.alias.anchor), 64) +
                       "' is not allowed",
                   "plain values", "write the value out");
            add(Node{.at = at});
            return true;
        case YAML_SCALAR_EVENT:
            refuse_extras(event.data.scalar.anchor, event.data.scalar.tag, at);
            scalar(event);
            return true;
        case YAML_SEQUENCE_START_EVENT:
            refuse_extras(event.data.sequence_start.anchor, event.data.sequence_start.tag, at);
            return open(Kind::list, at);
        case YAML_MAPPING_START_EVENT:
            refuse_extras(event.data.mapping_start.anchor, event.data.mapping_start.tag, at);
            return open(Kind::map, at);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
            close();
            return true;
        case YAML_NO_EVENT:
        case YAML_STREAM_START_EVENT:
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            return true;
    }
    return true;
}

std::expected<Node, Errors> Builder::result() && {
    if (errors_.empty() && root_.kind == Kind::null) refuse(Mark{}, "the document is empty");
    if (!errors_.empty()) return std::unexpected(std::move(errors_));
    return std::move(root_);
}

std::string problem_of(const yaml_parser_t& parser) {
    std::string what = "this is not YAML";
    if (parser.problem != nullptr) what += std::string(": ") + parser.problem;
    if (parser.context != nullptr) what += std::string(" ") + parser.context;
    return what;
}

// What must hold before libyaml sees a byte.
Result<> presentable(std::string_view text, std::string_view file_name) {
    if (text.size() > longest_document)
        return fail(Code::invalid, "the document is larger than 1MiB", std::string(file_name),
                    "at most 1MiB");
    if (const auto nul = text.find('\0'); nul != std::string_view::npos)
        return fail(Code::invalid, "a NUL byte", place(file_name, mark_of_offset(text, nul)),
                    "text in UTF-8");
    if (const auto invalid = first_invalid_utf8(text))
        return fail(Code::invalid, "this is not UTF-8", place(file_name, mark_of_offset(text, *invalid)),
                    "text in UTF-8", "save the file as UTF-8");
    return {};
}

}  // namespace

const Node* Node::find(std::string_view wanted) const {
    const auto found = std::ranges::find(children, wanted, &Node::key);
    return kind != Kind::map || found == children.end() ? nullptr : &*found;
}

std::string place(std::string_view file_name, Mark at) {
    return std::string(file_name) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string describe(const Node& node) {
    switch (node.kind) {
        case Kind::null:
            return "nothing";
        case Kind::scalar:
            return in_quotes(node.text);
        case Kind::list:
            return "a list";
        case Kind::map:
            return "a map";
    }
    return "?";
}

std::expected<Node, Errors> parse(std::string_view text, std::string_view file_name) {
    if (auto ok = presentable(text, file_name); !ok) return std::unexpected(Errors{std::move(ok).error()});
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark of a Windows editor

    auto* raw = new yaml_parser_t{};
    if (yaml_parser_initialize(raw) == 0) {
        delete raw;
        return std::unexpected(Errors{{Code::internal, "no memory for the YAML parser", {}, {}, {}}});
    }
    const Parser parser(raw);
    yaml_parser_set_encoding(raw, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(raw, reinterpret_cast<const unsigned char*>(text.data()), text.size());

    Builder builder(file_name);
    for (bool more = true; more;) {
        Event event;
        if (yaml_parser_parse(raw, &event.raw) == 0) {
            const bool in_reader = raw->error == YAML_READER_ERROR;
            builder.refuse(in_reader ? mark_of_offset(text, raw->problem_offset) : mark(raw->problem_mark),
                           problem_of(*raw));
            break;
        }
        more = event.raw.type != YAML_STREAM_END_EVENT && builder.take(event.raw);
    }
    return std::move(builder).result();
}

Result<std::string> read_document(const std::string& path) {
    const bool is_stdin = path == "-";
    const std::string name = is_stdin ? "standard input" : path;
    Fd file;
    if (!is_stdin) {
        BULKHEAD_TRY_ASSIGN(file, open_file(path, O_RDONLY | O_NOCTTY));
    }
    const int fd = is_stdin ? STDIN_FILENO : file.get();
    const auto too_large = [&] {
        return fail(Code::invalid, "the document is larger than 1MiB", name, "at most 1MiB");
    };
    struct stat status{};
    if (::fstat(fd, &status) != 0) return fail_errno("can't stat", name);
    if (S_ISREG(status.st_mode) && std::cmp_greater(status.st_size, longest_document)) return too_large();

    std::string content;
    std::array<char, 16384> chunk{};
    while (true) {
        const ssize_t got = ::read(fd, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno("can't read", name);
        if (got == 0) return content;
        content.append(chunk.data(), static_cast<std::size_t>(got));
        if (content.size() > longest_document) return too_large();
    }
}

}  // namespace bulkhead::yaml
