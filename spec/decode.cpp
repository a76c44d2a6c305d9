#include "spec/decode.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/name.hpp"
#include "base/units.hpp"
#include "spec/fields.hpp"

namespace bulkhead::spec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using yaml::Node;

std::vector<std::string> keys_of(const Descriptor& type) {
    std::vector<std::string> keys;
    for (int i = 0; i < type.field_count(); ++i) keys.push_back(type.field(i)->json_name());
    return keys;
}

// The document's keys are the fields' names in JSON: `requires` can't be a name in C++.
const FieldDescriptor* field_of(const Descriptor& type, const std::string& key) {
    for (int i = 0; i < type.field_count(); ++i)
        if (type.field(i)->json_name() == key) return type.field(i);
    return nullptr;
}

// Protobuf's "not given", which nobody writes.
bool is_unspecified(const EnumValueDescriptor& value) {
    return value.name().ends_with("_UNSPECIFIED");
}

std::vector<std::string> values_of(const EnumDescriptor& type) {
    std::vector<std::string> names;
    for (int i = 0; i < type.value_count(); ++i)
        if (!is_unspecified(*type.value(i))) names.push_back(type.value(i)->name());
    return names;
}

// Recursion is bounded by the document's depth and by the .proto, which has no message inside itself.
class Decoder {
  public:
    explicit Decoder(Findings& findings) : findings_(findings) {}

    void message(const Node& node, Message& into, const std::string& path);

  private:
    void unknown_key(const Node& child, const Descriptor& type, const std::string& path);
    void field(const Node& node, Message& into, const FieldDescriptor& field, const std::string& path);
    void list(const Node& node, Message& into, const FieldDescriptor& field, const std::string& path);
    void map(const Node& node, Message& into, const FieldDescriptor& field, const std::string& path);
    // Sets the field, or adds to it if it is repeated.
    void scalar(const Node& node, Message& into, const FieldDescriptor& field, const std::string& path);
    std::optional<std::uint64_t> number(const Node& node, std::uint64_t high, const std::string& path);
    void refuse(const Node& node, const std::string& path, std::string wanted, std::string mend = {});

    Findings& findings_;
};

void Decoder::refuse(const Node& node, const std::string& path, std::string wanted, std::string mend) {
    findings_.add(path, field_name(path) + " can't be " + yaml::describe(node), std::move(wanted),
                  std::move(mend));
    findings_.set_broken(path);
}

void Decoder::unknown_key(const Node& child, const Descriptor& type, const std::string& path) {
    const auto keys = keys_of(type);
    const std::string meant = findings_.full() ? "" : nearest(child.key, keys);
    findings_.add_at(child.key_at, "unknown key " + in_quotes(child.key), one_of(keys),
                     meant.empty() ? "" : "write " + meant);
    if (!meant.empty()) findings_.set_broken(path.empty() ? meant : path + "." + meant);
}

void Decoder::message(const Node& node, Message& into, const std::string& path) {
    const Descriptor& type = *into.GetDescriptor();
    if (node.kind != yaml::Kind::map)
        return refuse(node, path, "a map with the keys " + enumerated(keys_of(type)));
    for (const Node& child : node.children) {
        const FieldDescriptor* known = field_of(type, child.key);
        if (known == nullptr) {
            unknown_key(child, type, path);
            continue;
        }
        if (child.kind == yaml::Kind::null) continue;
        const std::string child_path = path.empty() ? child.key : path + "." + child.key;
        findings_.set_place(child_path, child.at);
        field(child, into, *known, child_path);
    }
}

void Decoder::field(const Node& node, Message& into, const FieldDescriptor& field, const std::string& path) {
    if (field.is_map()) return map(node, into, field, path);
    if (field.is_repeated()) return list(node, into, field, path);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
        return message(node, *into.GetReflection()->MutableMessage(&into, &field), path);
    scalar(node, into, field, path);
}

void Decoder::list(const Node& node, Message& into, const FieldDescriptor& field, const std::string& path) {
    if (node.kind != yaml::Kind::list)
        return refuse(node, path, "a list",
                      node.kind == yaml::Kind::scalar ? "write [" + printed(node.text) + "]" : "");
    const bool of_messages = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    // A broken entry still takes its place in the message: paths count entries.
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        const Node& child = node.children[i];
        const std::string child_path = path + "[" + std::to_string(i) + "]";
        findings_.set_place(child_path, child.at);
        if (of_messages)
            message(child, *into.GetReflection()->AddMessage(&into, &field), child_path);
        else
            scalar(child, into, field, child_path);
    }
}

void Decoder::map(const Node& node, Message& into, const FieldDescriptor& field, const std::string& path) {
    if (node.kind != yaml::Kind::map) return refuse(node, path, "a map");
    const Descriptor& entry_type = *field.message_type();
    for (const Node& child : node.children) {
        if (child.kind == yaml::Kind::null) continue;
        const std::string child_path = path + "." + child.key;
        findings_.set_place(child_path, child.at);
        Message& entry = *into.GetReflection()->AddMessage(&into, &field);
        // Keys of all our maps are strings.
        entry.GetReflection()->SetString(&entry, entry_type.map_key(), child.key);
        this->field(child, entry, *entry_type.map_value(), child_path);
    }
}

std::optional<std::uint64_t> Decoder::number(const Node& node, std::uint64_t high, const std::string& path) {
    const bool octal_looking = node.text.size() > 1 && node.text[0] == '0';
    if (const auto number = parse_number(node.text, 0, high); number && !octal_looking) return *number;
    refuse(node, path, "a whole number from 0 to " + std::to_string(high));
    return std::nullopt;
}

void Decoder::scalar(const Node& node, Message& into, const FieldDescriptor& field, const std::string& path) {
    const Reflection& reflection = *into.GetReflection();
    const bool many = field.is_repeated();
    const auto& text = node.text;
    const bool given = node.kind == yaml::Kind::scalar;
    switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
            if (!given) refuse(node, path, "a text");
            return many ? reflection.AddString(&into, &field, text)
                        : reflection.SetString(&into, &field, text);
        case FieldDescriptor::CPPTYPE_UINT32: {
            const auto value = static_cast<std::uint32_t>(
                number(node, std::numeric_limits<std::uint32_t>::max(), path).value_or(0));
            return many ? reflection.AddUInt32(&into, &field, value)
                        : reflection.SetUInt32(&into, &field, value);
        }
        case FieldDescriptor::CPPTYPE_BOOL: {
            if (node.quoted || (text != "true" && text != "false")) refuse(node, path, "true or false");
            return many ? reflection.AddBool(&into, &field, text == "true")
                        : reflection.SetBool(&into, &field, text == "true");
        }
        case FieldDescriptor::CPPTYPE_ENUM: {
            const auto* value = field.enum_type()->FindValueByName(text);
            if (value == nullptr || is_unspecified(*value)) {
                const auto known = values_of(*field.enum_type());
                const std::string meant = findings_.full() ? "" : nearest(text, known);
                refuse(node, path, one_of(known), meant.empty() ? "" : "write " + meant);
                value = field.enum_type()->value(0);
            }
            return many ? reflection.AddEnum(&into, &field, value) : reflection.SetEnum(&into, &field, value);
        }
        default:  // a type that gateway.proto does not use yet
            return refuse(node, path, std::string("a decoder for ") + field.cpp_type_name());
    }
}

}  // namespace

void decode(const yaml::Node& node, Message& message, Findings& findings) {
    Decoder(findings).message(node, message, "");
}

}  // namespace bulkhead::spec
