using ScaleKit.Admission;
using ScaleKit.RateLimiting;

namespace ChatRooms.Tests;

/// <summary>What a disturbance excuses is counted apart; what it does not excuse stays a broken promise. The notes and rows are made up, the limits those of the application.</summary>
public sealed class DisturbedCheckTests(ChatHost host) : IClassFixture<ChatHost>
{
    private const string Room = "amber-fox";

    private readonly RunChecker _checker = new();
    private SeatCount _seats = new(0, 0, 0, 0, 0);

    [Theory]
    [InlineData(nameof(DisturbanceKind.RedisGone), 6, 0, 1)]
    [InlineData(nameof(DisturbanceKind.NodeStopped), 6, 0, 1)]
    [InlineData(nameof(DisturbanceKind.NodeStopped), 10, 0, 1)]
    [InlineData(nameof(DisturbanceKind.RedisGone), 11, 1, 1)] // More than twice.
    [InlineData(nameof(DisturbanceKind.Harmless), 6, 1, 1)]
    public async Task Run_LimitExceededWithinAWindow_IsExcusedUpToTwiceWhereRedisWasAway(string kind, int posts, int broken, int exceeded)
    {
        for (var post = 0; post < posts; post++)
            _checker.WasAccepted(Policies.Post, "somebody", Ticks(100), Ticks(101));

        var verdict = await CheckAsync(new Disturbance(Enum.Parse<DisturbanceKind>(kind), "1", Ticks(100), Ticks(110)));

        Assert.Equal((broken, exceeded), (verdict.Broken.Count, verdict.LimitsExceeded));
    }

    [Fact]
    public async Task Run_LimitExceededLongAfter_IsBroken()
    {
        for (var post = 0; post < 6; post++)
            _checker.WasAccepted(Policies.Post, "somebody", Ticks(100), Ticks(101));

        Assert.Single((await CheckAsync(new Disturbance(DisturbanceKind.RedisGone, null, Ticks(80), Ticks(94)))).Broken);
    }

    [Theory]
    [InlineData(100, 0, 1)] // Held back by what was done.
    [InlineData(200, 1, 0)]
    [InlineData(null, 0, 1)] // Never acknowledged: it may come at any time.
    public async Task Run_MessageNotShownToSomebodyInTheRoom_IsExcusedWhereItWasHeldBack(int? sent, int unseen, int late)
    {
        for (var number = 1; number <= 3; number++)
            await host.Get<MessageLog>().TryAppendAsync(MessageKey.Of(Room, number), new ChatMessage("ann", "Ann", $"{number}", "Hello!", 0));
        if (sent is { } at)
            _checker.WasAcknowledged(MessageKey.Of(Room, 2), new RunChecker.Acknowledged("ann", "2", "Hello!", Ticks(at), Ticks(at + 1)));
        var visit = _checker.Begin(Room, node: null, Ticks(90));
        visit.Numbers.Enqueue(1);
        visit.Numbers.Enqueue(3);

        var verdict = await CheckAsync(new Disturbance(DisturbanceKind.Harmless, "1", Ticks(100), Ticks(110)));

        Assert.Equal((unseen, late, unseen), (verdict.Unseen, verdict.LateUnseen, verdict.Broken.Count));
    }

    [Theory]
    [InlineData(3, 3, 3, 0, null)]
    [InlineData(4, 3, 3, 0, "4 people sat in one room, the cap is 3")]
    [InlineData(3, 4, 3, 0, "4 rooms were active, the cap is 3")]
    [InlineData(3, 3, 4, 0, "4 people sat in all, the cap is 3")]
    [InlineData(3, 3, 3, 1, "1 seats are still taken although everybody left")]
    public async Task Run_SeatsThatNothingMakesDoubtful_KeepEachCap(int inRoom, int rooms, int total, int seated, string? broken)
    {
        _seats = new SeatCount(9, inRoom, rooms, total, seated);
        string[] expected = broken is null ? [] : [broken];

        Assert.Equal(expected, (await CheckAsync(new Disturbance(DisturbanceKind.RedisGone, null, Ticks(80), Ticks(94)))).Broken);
    }

    [Fact]
    public async Task Run_TwoMessagesAcknowledgedWithOneId_IsBroken()
    {
        var key = MessageKey.Of(Room, 1);
        await host.Get<MessageLog>().TryAppendAsync(key, new ChatMessage("ann", "Ann", "1", "Hello!", 0));
        _checker.WasAcknowledged(key, new RunChecker.Acknowledged("ann", "1", "Hello!", 1, 2));
        _checker.WasAcknowledged(key, new RunChecker.Acknowledged("bob", "1", "Hi!", 1, 2));

        Assert.Equal([$"two messages were acknowledged with the id {key}"], (await CheckAsync()).Broken);
    }

    private async Task<Verdict> CheckAsync(params Disturbance[] disturbances) =>
        await new FinalCheck(
            _checker, _seats, new AdmissionOptions { RoomCapacity = 3, ActiveRooms = 3, TotalCapacity = 3 }, host.Get<Microsoft.Extensions.Options.IOptions<RateLimitOptions>>().Value, [host.Folder.OneFile], host.Server, TimeProvider.System)
            { Excuses = new Excuses(disturbances, TimeProvider.System) }.RunAsync(static _ => { });

    private static long Ticks(int seconds) => seconds * TimeProvider.System.TimestampFrequency;
}
