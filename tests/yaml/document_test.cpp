#include "yaml/document.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "base/fd.hpp"

namespace bulkhead::yaml {
namespace {

// The first error of a document, as a person reads it.
std::string error_of(const std::string& text) {
    const auto parsed = parse(text, "f.yaml");
    return parsed ? "accepted" : parsed.error().front().text();
}

TEST(Document, knows_the_place_of_every_node) {
    const auto root = parse("a: 1\nb:\n  - x\n  - {c: 'y'}\n", "f.yaml");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->find("a")->at, (Mark{1, 4}));
    EXPECT_EQ(root->find("b")->key_at, (Mark{2, 1}));
    const Node& y = *root->find("b")->children[1].find("c");
    EXPECT_EQ(y.at, (Mark{4, 9}));
    EXPECT_TRUE(y.quoted);
    EXPECT_EQ(y.text, "y");
}

TEST(Document, tells_nothing_from_text) {
    const auto root = parse("[~, null, '', \"null\", x]", "f.yaml");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->children[0].kind, Kind::null);
    EXPECT_EQ(root->children[1].kind, Kind::null);
    EXPECT_EQ(root->children[2].kind, Kind::scalar);
    EXPECT_EQ(root->children[3].kind, Kind::scalar);
}

TEST(Document, refuses_what_can_surprise_by_name_and_place) {
    EXPECT_EQ(error_of("a: &x 1\n"),
              "f.yaml:1:4: anchor '&x' is not allowed; wanted plain values; write the value out where it is "
              "needed");
    EXPECT_EQ(error_of("a: 1\nb: *x\n"),
              "f.yaml:2:4: alias '*x' is not allowed; wanted plain values; write the value out");
    EXPECT_EQ(
        error_of("a: !!binary eA==\n"),
        "f.yaml:1:4: tag 'tag:yaml.org,2002:binary' is not allowed; wanted plain values; remove the tag");
    EXPECT_EQ(error_of("a: 1\n<<: {b: 1}\n"),
              "f.yaml:2:1: merge key '<<' is not allowed; wanted plain keys; write the keys out");
    EXPECT_EQ(error_of("a: 1\n---\nb: 1\n"),
              "f.yaml:2:1: a second document starts here; wanted one document per file; put it in a file of "
              "its own");
    EXPECT_EQ(error_of("? [a]\n: 1\n"), "f.yaml:1:3: a key can't be a list; wanted a word as key");
}

TEST(Document, refuses_a_key_that_is_there_twice_with_both_places) {
    EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"),
              "f.yaml:3:1: key 'a' is there twice; remove it here or at f.yaml:1:1");
    EXPECT_EQ(error_of("x: {\"a\": 1, a: 2}\n"),
              "f.yaml:1:13: key 'a' is there twice; remove it here or at f.yaml:1:5");
}

TEST(Document, tells_all_errors_that_it_can_go_on_after) {
    const auto parsed = parse("a: &x 1\nb: *x\nb: 2\n", "f.yaml");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().size(), 3U);
}

TEST(Document, refuses_bytes_that_are_no_text_at_their_place) {
    EXPECT_EQ(error_of("a: 1\nb: \xC3\xA4\xFF\n"),
              "f.yaml:2:5: this is not UTF-8; wanted text in UTF-8; save the file as UTF-8");
    EXPECT_EQ(error_of(std::string("a: 1\n\0b: 2\n", 11)), "f.yaml:2:1: a NUL byte; wanted text in UTF-8");
    EXPECT_EQ(error_of("a: \"x\\0y\"\n"), "f.yaml:1:4: the text holds a NUL character");
    EXPECT_EQ(error_of("a: 1\nb: \x01\n"),
              "f.yaml:2:4: this is not YAML: control characters are not allowed");
    EXPECT_EQ(error_of("\xFF\xFE"
                       "a"),
              "f.yaml:1:1: this is not UTF-8; wanted text in UTF-8; save the file as UTF-8");
}

TEST(Document, takes_what_editors_of_windows_write) {
    const auto root = parse(
        "\xEF\xBB\xBF"
        "a: 1\r\nb: 2\r\n",
        "f.yaml");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->find("a")->key_at, (Mark{1, 1}));
    EXPECT_EQ(root->find("b")->at, (Mark{2, 4}));
    EXPECT_EQ(root->find("b")->text, "2");
}

TEST(Document, refuses_tabs_as_indentation_at_their_place) {
    EXPECT_EQ(error_of("a:\n\tb: 1\n").substr(0, 30), "f.yaml:2:1: this is not YAML: ");
}

TEST(Document, refuses_what_is_empty) {
    for (const char* text : {"", "\n", "# nothing\n", "---\n", "~\n"})
        EXPECT_EQ(error_of(text), "f.yaml:1:1: the document is empty") << text;
}

TEST(Document, refuses_deep_nesting_without_recursing) {
    EXPECT_EQ(error_of(std::string(10'000, '[')), "f.yaml:1:33: nested too deeply; wanted at most 32 levels");
    std::string block;
    for (int i = 0; i < 1000; ++i) block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    EXPECT_EQ(error_of(block), "f.yaml:33:33: nested too deeply; wanted at most 32 levels");
    EXPECT_EQ(error_of(std::string(500'000, '-')).substr(0, 8), "accepted");  // one long word
    EXPECT_NE(error_of(std::string(32, '[') + std::string(32, ']')).substr(0, 8), "f.yaml:1");
}

TEST(Document, refuses_an_alias_bomb_at_its_first_anchor) {
    std::string bomb = "a0: &a0 [x, x]\n";
    for (int i = 1; i < 30; ++i)
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
                ", *a" + std::to_string(i - 1) + "]\n";
    EXPECT_EQ(error_of(bomb).substr(0, 27), "f.yaml:1:5: anchor '&a0' is");
}

TEST(Document, bounds_the_number_of_errors_and_parts) {
    std::string keys = "a: 1\n";
    for (int i = 0; i < 1000; ++i) keys += "a: 1\n";
    EXPECT_EQ(parse(keys, "f.yaml").error().size(), most_errors);

    std::string list = "[";
    for (int i = 0; i < 300'000; ++i) list += "1,";
    EXPECT_EQ(error_of(list + "]"),
              "f.yaml:1:199996: the document has too many parts; wanted at most 100000");
}

TEST(Document, takes_a_megabyte_in_one_line_in_reasonable_time) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(parse("a: " + std::string(longest_document - 3, 'x'), "f.yaml"));
    EXPECT_FALSE(parse("a: " + std::string(longest_document - 2, 'x'), "f.yaml"));
    EXPECT_FALSE(parse(std::string(longest_document, '['), "f.yaml"));
    EXPECT_FALSE(parse(std::string(longest_document, '{'), "f.yaml"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

class ReadDocument : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "spec-document-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_;
};

TEST_F(ReadDocument, refuses_two_gibibytes_without_reading_them) {
    const std::string path = folder_ / "huge.yaml";
    const Fd file(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    ASSERT_EQ(::ftruncate(file.get(), 2LL << 30), 0);
    const auto text = read_document(path);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().text(), path + ": the document is larger than 1MiB; wanted at most 1MiB");
}

TEST_F(ReadDocument, reads_a_pipe_and_refuses_an_endless_one) {
    const std::string path = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    {
        std::jthread writer([&] {
            const Fd out(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
            EXPECT_EQ(::write(out.get(), "a: 1\n", 5), 5);
        });
        EXPECT_EQ(read_document(path).value_or(""), "a: 1\n");
    }
    EXPECT_FALSE(read_document("/dev/zero"));
}

TEST_F(ReadDocument, says_what_it_could_not_open) {
    EXPECT_EQ(read_document(folder_ / "none.yaml").error().code, Code::not_found);
    EXPECT_EQ(read_document(folder_).error().code, Code::io);
}

}  // namespace
}  // namespace bulkhead::yaml
