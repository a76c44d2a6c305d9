#include "vnet/left_checksums.hpp"

#include <unistd.h>

#include <cstdlib>

#include "tests/vnet/lab.hpp"
#include "vnet/features.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet::test {
namespace {

using Frame = std::span<const std::uint8_t>;
using Answer = Result<std::optional<left_checksum>>;

// A kernel that tells, as far as these questions go.
Answer tells(Frame frame, const VirtioHeader& header) {
    if (header.flags == 0) return left_in_place;
    if (header.gso_type == gso_udp) return left_elsewhere;
    const bool six = frame[12] == 0x86;
    const bool tcp = frame[six ? 20 : 23] == 6;
    const int place = (six ? 54 : 34) + (tcp ? 16 : 6);
    return header.csum_start + header.csum_offset >= place ? left_in_place : left_elsewhere;
}

bool is_right(const VirtioHeader& header) {
    return header.csum_start >= 34;
}

TEST(JudgingLeftChecksums, a_kernel_that_tells_in_every_case) {
    const auto judged = judge_left_checksums(tells);
    EXPECT_TRUE(judged.told) << judged.why;
    EXPECT_EQ(judged.why, "");
}

// As Debian's 6.1.192: whatever is left to do, it may be cut away.
TEST(JudgingLeftChecksums, a_kernel_that_refuses_no_cut) {
    const auto judged = judge_left_checksums([](Frame, const VirtioHeader& header) -> Answer {
        return header.flags == 0 ? left_in_place : left_elsewhere;
    });
    EXPECT_FALSE(judged.told);
    EXPECT_NE(judged.why.find("TCP over IPv4"), std::string::npos) << judged.why;
}

TEST(JudgingLeftChecksums, a_kernel_that_refuses_every_cut) {
    EXPECT_FALSE(
        judge_left_checksums([](Frame, const VirtioHeader&) -> Answer { return left_in_place; }).told);
}

TEST(JudgingLeftChecksums, a_kernel_that_hides_one_place) {
    for (const unsigned hidden : {0U, 26U, 36U, 49U}) {
        const auto judged = judge_left_checksums([&](Frame frame, const VirtioHeader& header) -> Answer {
            const bool there = header.csum_start == hidden && header.csum_offset == 0;
            return there && header.flags != 0 ? left_in_place : tells(frame, header);
        });
        EXPECT_FALSE(judged.told) << hidden;
        EXPECT_NE(judged.why.find("byte " + std::to_string(hidden)), std::string::npos) << judged.why;
    }
}

TEST(JudgingLeftChecksums, a_kernel_that_hides_them_in_super_frames_alone) {
    EXPECT_FALSE(judge_left_checksums([](Frame frame, const VirtioHeader& header) -> Answer {
                     if (header.gso_type == gso_tcp6 && is_right(header)) return left_elsewhere;
                     return tells(frame, header);
                 }).told);
}

TEST(JudgingLeftChecksums, a_kernel_that_hides_a_wish_for_fragments) {
    const auto judged = judge_left_checksums([](Frame frame, const VirtioHeader& header) -> Answer {
        return header.gso_type == gso_udp ? left_in_place : tells(frame, header);
    });
    EXPECT_NE(judged.why.find("fragments of UDP"), std::string::npos) << judged.why;
}

TEST(JudgingLeftChecksums, a_kernel_that_refuses_wrong_places_itself_or_right_ones) {
    const auto strict = [](Frame frame, const VirtioHeader& header) -> Answer {
        const auto answer = tells(frame, header);
        if (*answer == left_elsewhere) return std::nullopt;
        return answer;
    };
    EXPECT_TRUE(judge_left_checksums(strict).told);
    EXPECT_FALSE(
        judge_left_checksums([](Frame, const VirtioHeader&) -> Answer { return std::nullopt; }).told);
}

TEST(JudgingLeftChecksums, a_question_that_fails) {
    const auto judged = judge_left_checksums(
        [](Frame, const VirtioHeader&) -> Answer { return fail(Code::unavailable, "no answer"); });
    EXPECT_FALSE(judged.told);
    EXPECT_EQ(judged.why, "no answer");
}

using LeftToHost = Furnished;

TEST_F(LeftToHost, is_found_as_the_switch_then_treats_guests_and_leaves_nothing) {
    const auto before = Links::open()->all();
    const LeftChecksums found = find_left_checksums();
    EXPECT_EQ(Links::open()->all().value(), before.value());
    EXPECT_EQ(found.told, found.why.empty()) << found.why;
    EXPECT_NE(found.told, kernel_hides_checksums()) << found.why;
}

TEST_F(LeftToHost, is_refused_where_nothing_can_be_tried) {
    const std::string taken = "bhleft" + std::to_string(::getpid() % 10'000'000);
    ASSERT_EQ(std::system(("ip link add " + taken + " type veth peer name bhleftpeer").c_str()), 0);
    const LeftChecksums found = find_left_checksums();
    EXPECT_FALSE(found.told);
    EXPECT_NE(found.why.find(taken), std::string::npos) << found.why;
    EXPECT_EQ(std::system(("ip link del " + taken).c_str()), 0);
}

TEST_F(LeftToHost, is_a_feature_that_none_has_to_mend) {
    const auto offloads = [](const LeftChecksums& left) { return features(left).back(); };
    const Feature offered = offloads({.told = true, .why = {}});
    EXPECT_EQ(offered.name, "offloads");
    EXPECT_TRUE(offered.present);
    EXPECT_EQ(offered.mend, "");
    const Feature none = offloads({.told = false, .why = "no tap"});
    EXPECT_FALSE(none.present);
    EXPECT_FALSE(none.needed) << "it is no failure";
    EXPECT_NE(none.detail.find("no tap"), std::string::npos);
    EXPECT_NE(none.mend, "");
}

}  // namespace
}  // namespace bulkhead::vnet::test
