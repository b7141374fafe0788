namespace ChatRooms.Tests;

public sealed class LimitProofTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    [Fact]
    public void IsBroken_ExactlyTheLimitInAWindow_IsFine() => Assert.False(IsBroken(3, (0, 10), (20, 30), (40, 50), (5_040, 5_050)));

    [Fact]
    public void IsBroken_OneMoreInAWindow_IsSeen() => Assert.True(IsBroken(3, (0, 10), (20, 30), (40, 50), (4_900, 4_990)));

    [Fact]
    public void IsBroken_ManyWindowsLater_IsStillSeen()
    {
        var calm = Enumerable.Range(0, 100).Select(number => (2_000 * number, (2_000 * number) + 10));

        Assert.False(IsBroken(3, [.. calm]));
        Assert.True(IsBroken(3, [.. calm, (200_000, 200_001), (200_002, 200_003)]));
    }

    // Sent before the window of the others, answered within it: when it was admitted is unknown, so nothing is proved.
    [Fact]
    public void IsBroken_WhenTheDecisionMayLieOutside_IsNotClaimed() => Assert.False(IsBroken(2, (0, 6_000), (5_900, 6_000), (6_010, 6_020)));

    [Fact]
    public void IsBroken_AnswersOutOfOrder_AreSeen() => Assert.True(IsBroken(2, (0, 900), (10, 100), (20, 50)));

    private static bool IsBroken(int limit, params (int Sent, int Answered)[] milliseconds)
    {
        var perMillisecond = TimeProvider.System.TimestampFrequency / 1000;
        var accepted = milliseconds.Select(pair => new RunChecker.Accepted(pair.Sent * perMillisecond, pair.Answered * perMillisecond));
        return LimitProof.IsBroken(accepted, limit, Window, TimeProvider.System);
    }
}
