namespace ChatRooms.Tests;

/// <summary>Seconds stand for timestamps. The lease is 5 s, and nothing is sure within the 2 s before its end.</summary>
public sealed class SeatHistoryTests
{
    private const string Room = "amber-fox";

    [Fact]
    public void Count_NothingHappened_IsTheMostAtOnce()
    {
        var count = Count([], Seat(0, 10), Seat(5, 15), Seat(9, 20, "coral-lynx"), Seat(15, 16, "coral-lynx"), Seat(18));

        Assert.Equal((5, 2, 2, 3, 1), (count.Admitted, count.MaximumInRoom, count.MaximumRooms, count.MaximumTotal, count.Seated));
        Assert.Equal((2, 2, 3), count.WithDoubtful);
    }

    [Fact]
    public void Count_OneLeavesAsTheNextComes_IsOneSeat() => Assert.Equal(1, Count([], Seat(0, 10), Seat(10, 20)).MaximumTotal);

    [Theory]
    [InlineData(17, 2)] // Long before: the store knows of it.
    [InlineData(18, 1)] // Just before: the grant may be forgotten.
    [InlineData(25, 1)]
    [InlineData(30, 1)]
    [InlineData(31, 2)] // The store decides again.
    public void Count_GrantedWhileRedisWasAway_IsDoubtfulToItsEnd(int granted, int sure)
    {
        var count = Count([Disturbance(DisturbanceKind.RedisGone, null, 20, 30)], Seat(0, 100), Seat(granted, 100));

        Assert.Equal((sure, 2), (count.MaximumTotal, count.WithDoubtful.Total));
    }

    [Theory]
    [InlineData("1", 22, 2)] // The lease still lasts when the other comes.
    [InlineData("1", 23, 1)]
    [InlineData("2", 23, 2)] // Another node stood still.
    public void Count_HeldByANodeThatSleepsPastItsLease_IsDoubtfulFromThen(string stopped, int otherComes, int sure)
    {
        var count = Count([Disturbance(DisturbanceKind.NodeStopped, stopped, 20, 30)], Seat(0, 100), Seat(otherComes, 100, node: "3"));

        Assert.Equal((sure, 2), (count.MaximumTotal, count.WithDoubtful.Total));
    }

    [Fact]
    public void Count_NodeKilledOrMigrationMoved_MakesNothingDoubtful() =>
        Assert.Equal(2, Count([Disturbance(DisturbanceKind.Harmless, "1", 20, 30)], Seat(0, 100), Seat(25, 100)).MaximumTotal);

    private static SeatCount Count(Disturbance[] disturbances, params RunChecker.Visit[] visits) =>
        new SeatHistory(visits, disturbances, TimeSpan.FromSeconds(5), TimeProvider.System).Count();

    private static RunChecker.Visit Seat(int from, int? until = null, string room = Room, string node = "1")
    {
        var visit = new RunChecker.Visit(room, node, Ticks(from));
        if (until is { } end)
            visit.Until = Ticks(end);
        return visit;
    }

    private static Disturbance Disturbance(DisturbanceKind kind, string? node, int from, int until) => new(kind, node, Ticks(from), Ticks(until));

    private static long Ticks(int seconds) => seconds * TimeProvider.System.TimestampFrequency;
}
