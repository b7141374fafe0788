using ScaleKit.Analysis.Chaos;

namespace ScaleKit.Analysis.Tests;

public sealed class NodeAtTheEndTests
{
    private static readonly NodeAtTheEnd Empty = new("F", 0, 0);

    [Fact]
    public void Broken_AllEmptyAndInOnePhase_Nothing() => Assert.Empty(NodeAtTheEnd.Broken([Empty, Empty, Empty]));

    [Theory]
    [InlineData("F", 1, 0, "0 seats and 0 in line, 1 seats and 0 in line")]
    [InlineData("F", 0, 2, "0 seats and 0 in line, 0 seats and 2 in line")]
    [InlineData("E", 0, 0, "the nodes are in the phases F, E")]
    public void Broken_OneNodeIsNot_SaysWhatEachShows(string phase, int seats, int waiting, string expected) =>
        Assert.Contains(expected, Assert.Single(NodeAtTheEnd.Broken([Empty, new NodeAtTheEnd(phase, seats, waiting)])), StringComparison.Ordinal);
}
