namespace ScaleKit.Migration.Tests;

public sealed class MismatchBoundTests
{
    // 0 in n: 1 - 0.05^(1/n). The others: the beta quantiles of Clopper and Pearson, one-sided at 95 %.
    [Theory]
    [InlineData(2995, 0, 0.0010)]
    [InlineData(100, 0, 0.02951)]
    [InlineData(10, 1, 0.39416)]
    [InlineData(20, 5, 0.45582)]
    [InlineData(1000, 10, 0.01688)]
    public void Of_KnownCases_AsInTheTables(long reads, long mismatches, double bound) => Assert.Equal(bound, MismatchBound.Of(reads, mismatches, 0.95), 3);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    public void Of_NothingKnownOrAllDiffer_One(long reads, long mismatches) => Assert.Equal(1, MismatchBound.Of(reads, mismatches, 0.95));

    [Fact]
    public void Of_AnyCounts_AboveTheMeasuredShareAndFallingWithReads()
    {
        for (var reads = 10L; reads <= 10_000_000; reads *= 10)
        {
            foreach (var mismatches in (long[])[0, 1, reads / 10, reads / 2])
            {
                var bound = MismatchBound.Of(reads, mismatches, 0.95);
                Assert.InRange(bound, (double)mismatches / reads, 1);
                Assert.True(bound >= MismatchBound.Of(reads * 10, mismatches * 10, 0.95));
            }
        }
    }
}
