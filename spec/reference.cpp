// Writes docs/SPEC.md from the comments of gateway.proto, or checks that it is what would be written.
//   spec-reference DESCRIPTOR_SET            prints it
//   spec-reference DESCRIPTOR_SET FILE       exits 1 if FILE is stale
// DESCRIPTOR_SET is what `protoc --include_source_info --descriptor_set_out` made.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"

namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

constexpr std::size_t largest_file = 16 * 1024 * 1024;

constexpr auto head = R"(# The spec

One YAML document describes one gateway. This reference is generated from the comments of
[gateway.proto](../proto/bulkhead/v1alpha1/gateway.proto); after a change there a test fails and says how to
write it again.

Keys that are not listed are refused, and so are aliases, anchors, tags, merge keys, second documents, and keys that are
there twice. `null` means absent. A document is UTF-8 of at most 1 MiB. All errors are told at once, each as
`file:line:column`. [examples/factory.yaml](../examples/factory.yaml) is a whole one.
)";

// The comment above a declaration, as one paragraph.
template <class Declaration>
std::string comment(const Declaration& declaration) {
    google::protobuf::SourceLocation location;
    if (!declaration.GetSourceLocation(&location)) return {};
    std::string text;
    for (const auto& line : bulkhead::split_text(location.leading_comments, '\n')) {
        const auto words = bulkhead::trimmed(line);
        if (!words.empty()) text += (text.empty() ? "" : " ") + std::string(words);
    }
    return text;
}

// A cell of a Markdown table.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
    return out;
}

std::string link(const std::string& name) {
    std::string anchor;
    for (const char c : name) anchor += static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    return "[" + name + "](#" + anchor + ")";
}

std::string scalar_type(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
            return "text";
        case FieldDescriptor::CPPTYPE_BOOL:
            return "true or false";
        case FieldDescriptor::CPPTYPE_ENUM:
            return link(field.enum_type()->name());
        case FieldDescriptor::CPPTYPE_MESSAGE:
            return link(field.message_type()->name());
        default:
            return "number";
    }
}

std::string type(const FieldDescriptor& field) {
    if (field.is_map()) return "map of text to " + scalar_type(*field.message_type()->map_value());
    return (field.is_repeated() ? "list of " : "") + scalar_type(field);
}

class Reference {
  public:
    std::string of(const Descriptor& root) {
        text_ = head;
        message(root);
        return text_;
    }

  private:
    void message(const Descriptor& type_of) {
        if (!written_.insert(type_of.full_name()).second) return;
        text_ += "\n## " + type_of.name() + "\n\n" + comment(type_of) +
                 "\n\n| key | type | meaning |\n|---|---|---|\n";
        for (int i = 0; i < type_of.field_count(); ++i) {
            const auto& field = *type_of.field(i);
            text_ += "| `" + field.json_name() + "` | " + type(field) + " | " + cell(comment(field)) + " |\n";
        }
        for (int i = 0; i < type_of.field_count(); ++i) used(*type_of.field(i));
    }

    void used(const FieldDescriptor& field) {
        if (field.is_map()) return;
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) message(*field.message_type());
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) enumeration(*field.enum_type());
    }

    void enumeration(const EnumDescriptor& type_of) {
        if (!written_.insert(type_of.full_name()).second) return;
        text_ +=
            "\n## " + type_of.name() + "\n\n" + comment(type_of) + "\n\n| value | meaning |\n|---|---|\n";
        for (int i = 0; i < type_of.value_count(); ++i)
            if (const auto& value = *type_of.value(i); !value.name().ends_with("_UNSPECIFIED"))
                text_ += "| `" + value.name() + "` | " + cell(comment(value)) + " |\n";
    }

    std::string text_;
    std::set<std::string> written_;
};

bulkhead::Result<std::string> reference(const std::string& set_path) {
    using bulkhead::Code;
    BULKHEAD_TRY_ASSIGN(const auto bytes, bulkhead::read_file(set_path, largest_file));
    google::protobuf::FileDescriptorSet set;
    if (!set.ParseFromString(bytes)) return bulkhead::fail(Code::corrupt, "not a descriptor set", set_path);
    google::protobuf::DescriptorPool pool;
    for (const auto& file : set.file())
        if (pool.BuildFile(file) == nullptr)
            return bulkhead::fail(Code::corrupt, "can't build " + file.name(), set_path);
    const auto* gateway = pool.FindMessageTypeByName("bulkhead.v1alpha1.Gateway");
    if (gateway == nullptr) return bulkhead::fail(Code::corrupt, "has no Gateway", set_path);
    return Reference().of(*gateway);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.empty() || arguments.size() > 2) return 2;
    const auto wanted = reference(arguments[0]);
    if (!wanted) {
        std::fprintf(stderr, "%s\n", wanted.error().text().c_str());
        return 1;
    }
    if (arguments.size() == 1)
        return std::fwrite(wanted->data(), 1, wanted->size(), stdout) == wanted->size() ? 0 : 1;
    const auto written = bulkhead::read_file(arguments[1], largest_file);
    if (written && *written == *wanted) return 0;
    std::fprintf(stderr, "%s is stale: run spec-reference %s > %s\n", arguments[1].c_str(),
                 arguments[0].c_str(), arguments[1].c_str());
    return 1;
}
