using ScaleKit.Admission;
using ScaleKit.RateLimiting;

namespace ChatRooms.Tests;

/// <summary>What a disturbance excuses is counted apart; what it does not excuse stays a broken promise. The notes and rows are made up, the limits those of the application.</summary>
public sealed class DisturbedCheckTests(ChatHost host) : IClassFixture<ChatHost>
{
    private const string Room = "amber-fox";

    private static readonly SeatCount Nobody = new(0, 0, 0, 0, 0);

    private readonly RunChecker _checker = new();

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

    private async Task<Verdict> CheckAsync(params Disturbance[] disturbances) =>
        await new FinalCheck(
            _checker, Nobody, new AdmissionOptions(), host.Get<Microsoft.Extensions.Options.IOptions<RateLimitOptions>>().Value, [host.Folder.OneFile], host.Server, TimeProvider.System)
            { Disturbances = disturbances }.RunAsync(static _ => { });

    private static long Ticks(int seconds) => seconds * TimeProvider.System.TimestampFrequency;
}
