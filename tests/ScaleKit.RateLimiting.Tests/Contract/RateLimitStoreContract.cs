namespace ScaleKit.RateLimiting.Tests;

/// <summary>What every <see cref="IRateLimitStore"/> keeps. A store's test class derives from it and says how time passes there.</summary>
public abstract class RateLimitStoreContract
{
    // Where time passes for real, no window may end, and no bucket, because the machine stood still: only what waits for an end has a brief one.
    private static readonly TimeSpan Window = TimeSpan.FromDays(300);
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(2);

    /// <summary>Keys that something on the way might take for one another, or for an instruction.</summary>
    private static readonly string[] HostileKeys =
    [
        "a", "A", "a ", " a", "a:b", "a::b", "{a}", "{a}b", "a*", "\0", "a\0", "a\r\nFLUSHALL", "\u00e9", "e\u0301", "\ufffd", "\ud800", "\udfff", "\ud800\udc00",
        "\u202ea", "default", "' OR 1=1", "\"", "\\", new string('x', RateLimitCharge.MaximumKeyLength), new string('x', RateLimitCharge.MaximumKeyLength - 1),
    ];

    protected abstract IRateLimitStore Store { get; }

    /// <summary>Returns when that much time has passed for the store.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    [Fact]
    public async Task AcquireAsync_UpToTheLimit_CountsDownThenRefuses()
    {
        var policy = Policy(3);
        for (var left = 2; left >= 0; left--)
        {
            var decision = await AcquireAsync(policy, "k");
            Assert.Equal((RateLimitOutcome.Acquired, left, TimeSpan.Zero), (decision.Outcome, decision.Remaining, decision.RetryAfter));
            Assert.Equal((policy.Name, 3, Window), (decision.Policy, decision.Limit, decision.Window));
        }

        var refused = await AcquireAsync(policy, "k");
        Assert.Equal((RateLimitOutcome.Refused, 0), (refused.Outcome, refused.Remaining));
        Assert.InRange(refused.RetryAfter, TimeSpan.FromTicks(1), Window + (Window / policy.Buckets));
    }

    [Fact]
    public async Task AcquireAsync_AfterRetryAfter_Acquires()
    {
        var policy = new RateLimitPolicy("policy", 5, Brief);
        var (key, refused) = ("k", default(RateLimitDecision));
        while (refused.Outcome != RateLimitOutcome.Refused)
        {
            key += "k";
            await AcquireAsync(policy, key, 3);
            await AcquireAsync(policy, key, 2);
            refused = await AcquireAsync(policy, key, 4);
        }

        await PassAsync(refused.RetryAfter);

        Assert.True((await AcquireAsync(policy, key, 4)).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_Refused_TakesNothing()
    {
        var policy = Policy(4);
        await AcquireAsync(policy, "k", 3);

        Assert.False((await AcquireAsync(policy, "k", 2)).IsAcquired);

        Assert.True((await AcquireAsync(policy, "k", 1)).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_ZeroPermits_TellsWithoutTaking()
    {
        var policy = Policy(1);
        Assert.Equal((true, 1), Answer(await AcquireAsync(policy, "k", 0)));
        Assert.Equal((true, 1), Answer(await AcquireAsync(policy, "k", 0)));
        await AcquireAsync(policy, "k");

        var peek = await AcquireAsync(policy, "k", 0);

        Assert.Equal((false, 0), Answer(peek));
        Assert.True(peek.RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public async Task AcquireAsync_AllPermitsReturned_ResetAfterWasExact()
    {
        var policy = new RateLimitPolicy("policy", 6, Brief);
        var decision = await AcquireAsync(policy, "k", 6);

        await PassAsync(decision.ResetAfter);

        Assert.True((await AcquireAsync(policy, "k", 6)).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_HostileKeys_EachHasItsOwnCount()
    {
        var policy = Policy(1);
        foreach (var key in HostileKeys)
        {
            Assert.True((await AcquireAsync(policy, key)).IsAcquired, Units(key));
        }

        foreach (var key in HostileKeys)
        {
            Assert.False((await AcquireAsync(policy, key)).IsAcquired, Units(key));
        }
    }

    [Fact]
    public async Task AcquireAsync_PoliciesAndKeysThatConcatenateAlike_CountApart()
    {
        var a = new RateLimitPolicy("a", 1, Window);
        var ab = new RateLimitPolicy("a:b", 1, Window);

        Assert.True((await AcquireAsync(a, "b:c")).IsAcquired);
        Assert.True((await AcquireAsync(ab, "c")).IsAcquired);
        Assert.True((await AcquireAsync(a, "c")).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_PolicyOfTheSameNameWithAnotherLimit_CountsOn()
    {
        await AcquireAsync(Policy(3), "k", 3);

        var raised = await AcquireAsync(Policy(5), "k", 1);
        var lowered = await AcquireAsync(Policy(2), "k", 1);

        Assert.Equal((true, 1), Answer(raised));
        Assert.Equal((false, 0), Answer(lowered));
    }

    [Fact]
    public async Task AcquireAsync_ManyCallersAtOnce_ExactlyTheLimitIsAcquired()
    {
        var policy = new RateLimitPolicy("many", 100, Window);
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Task.Run(async () => await AcquireAsync(policy, "k"))));

        // A store that takes permits ahead may refuse some of those callers while the last ones lie there: they are for whoever comes next.
        var acquired = answers.Count(a => a.IsAcquired);
        while ((await AcquireAsync(policy, "k")).IsAcquired)
        {
            acquired++;
        }

        Assert.Equal(100, acquired);
    }

    [Fact]
    public async Task AcquireAllAsync_OneRefuses_TakesNothingAndNamesIt()
    {
        var (second, hour) = (new RateLimitPolicy("second", 5, TimeSpan.FromSeconds(1)), new RateLimitPolicy("hour", 8, Window));
        await AcquireAsync(hour, "k", 7);

        var refused = await AllAsync(new(second, "k", 2), new(hour, "k", 2));

        Assert.Equal((false, "hour", 1), (refused.IsAcquired, refused.Policy, refused.Remaining));
        Assert.Equal(5, (await AcquireAsync(second, "k", 0)).Remaining);
        Assert.Equal(1, (await AcquireAsync(hour, "k", 0)).Remaining);
    }

    [Fact]
    public async Task AcquireAllAsync_AllFit_TakesFromEachAndNamesTheTightest()
    {
        var (second, hour) = (new RateLimitPolicy("second", 5, TimeSpan.FromMinutes(1)), new RateLimitPolicy("hour", 8, TimeSpan.FromHours(1)));
        var acquired = await AllAsync(new(hour, "k", 2), new(second, "k", 2));

        Assert.Equal((true, "second", 3), (acquired.IsAcquired, acquired.Policy, acquired.Remaining));
        Assert.Equal(6, (await AcquireAsync(hour, "k", 0)).Remaining);
    }

    [Fact]
    public async Task AcquireAllAsync_SeveralRefuse_NamesTheOneToWaitLongestFor()
    {
        var (second, hour) = (new RateLimitPolicy("second", 1, TimeSpan.FromSeconds(30)), new RateLimitPolicy("hour", 1, TimeSpan.FromHours(1)));
        await AllAsync(new(second, "k"), new(hour, "k"));

        Assert.Equal("hour", (await AllAsync(new(second, "k"), new(hour, "k"))).Policy);
        Assert.Equal("hour", (await AllAsync(new(hour, "k"), new(second, "k"))).Policy);
    }

    [Fact]
    public async Task AcquireAllAsync_SameKeyTwice_CountsTheSum()
    {
        var policy = Policy(3);
        Assert.False((await AllAsync(new(policy, "k", 2), new(policy, "k", 2))).IsAcquired);
        Assert.Equal(3, (await AcquireAsync(policy, "k", 0)).Remaining);

        Assert.True((await AllAsync(new(policy, "k", 2), new(policy, "k", 1))).IsAcquired);
        Assert.Equal(0, (await AcquireAsync(policy, "k", 0)).Remaining);
    }

    [Fact]
    public async Task AcquireAllAsync_ManyCallersInCrossedOrder_ExactlyTheLimitIsAcquiredAndNobodyWaitsForever()
    {
        RateLimitCharge[] forward = [.. Enumerable.Range(0, 8).Select(i => new RateLimitCharge(new RateLimitPolicy("p" + i, 50, Window), "k" + i))];
        var backward = forward.Reverse().ToArray();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () => await AllAsync(i % 2 == 0 ? forward : backward))))
            .WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);

        Assert.Equal(50, answers.Count(a => a.IsAcquired));
        foreach (var charge in forward)
        {
            Assert.Equal(0, (await AcquireAsync(charge.Policy, charge.Key, 0)).Remaining);
        }
    }

    [Fact]
    public async Task SettleAsync_CostLess_GivesTheRestBackAtOnce()
    {
        var policy = Policy(100);
        await AcquireAsync(policy, "k", 70);
        await AcquireAsync(policy, "k", 30);
        Assert.False((await AcquireAsync(policy, "k", 1)).IsAcquired);

        Assert.True(await Store.SettleAsync(new(policy, "k", 70), actual: 20));

        Assert.Equal((true, 0), Answer(await AcquireAsync(policy, "k", 50)));
        Assert.True(await Store.SettleAsync(new(policy, "k", 100), actual: 0));
        Assert.Equal((true, 0), Answer(await AcquireAsync(policy, "k", 100)));
        Assert.True(await Store.SettleAsync(new(policy, "other", 5), actual: 0));
        Assert.Equal(100, (await AcquireAsync(policy, "other", 0)).Remaining);
    }

    [Fact]
    public async Task SettleAsync_CostMore_IsOwedUpToTwiceTheLimit()
    {
        var policy = Policy(10);
        await AcquireAsync(policy, "k", 4);

        Assert.True(await Store.SettleAsync(new(policy, "k", 4), actual: 15));

        var refused = await AcquireAsync(policy, "k", 1);
        Assert.Equal((false, 0), Answer(refused));
        await Store.SettleAsync(new(policy, "k", 4), actual: 5);
        Assert.Equal((false, 0), Answer(await AcquireAsync(policy, "k", 4)));

        // Owed are twice the limit at most, and they return as others do.
        var brief = new RateLimitPolicy("brief", 10, Brief);
        await AcquireAsync(brief, "k", 4);
        await Store.SettleAsync(new(brief, "k", 4), actual: 1_000);
        var all = await AcquireAsync(brief, "k", 10);
        await PassAsync(all.RetryAfter);
        Assert.True(all.IsAcquired || (await AcquireAsync(brief, "k", 10)).IsAcquired);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.SettleAsync(new(policy, "k", 1), -1));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.SettleAsync(default, 1));
    }

    [Fact]
    public async Task SettleAsync_PolicyOfAnotherShape_CountsOn()
    {
        var (few, many) = (new RateLimitPolicy("p", 5, TimeSpan.FromMinutes(30)), new RateLimitPolicy("p", 1_000, TimeSpan.FromHours(1)));
        await AcquireAsync(few, "k", 5);

        await Store.SettleAsync(new(many, "k", 3), actual: 0);

        Assert.Equal(997, (await AcquireAsync(many, "k", 1)).Remaining);
    }

    [Fact]
    public async Task AcquireAllAsync_NoneOrTooManyOrDefault_SaysSo()
    {
        var policy = Policy(1);
        await Assert.ThrowsAsync<ArgumentException>(async () => await AllAsync());
        await Assert.ThrowsAsync<ArgumentException>(async () => await AllAsync(new RateLimitCharge(policy, "k"), default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await AllAsync([.. Enumerable.Repeat(new RateLimitCharge(policy, "k"), 17)]));
    }

    [Fact]
    public async Task AcquireAsync_DefaultCharge_SaysSo()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.AcquireAsync(default));
        Assert.Throws<ArgumentException>(() => Store.AttemptAcquire(default));
    }

    [Fact]
    public async Task AcquireAsync_CancelledToken_TakesNothing()
    {
        var charge = new RateLimitCharge(Policy(1), "k");
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.AcquireAsync(charge, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.AcquireAllAsync(new[] { charge }, cancelled));

        Assert.True((await Store.AcquireAsync(charge)).IsAcquired);
    }

    private static string Units(string key) => string.Join(' ', key.Select(c => ((int)c).ToString("X4", System.Globalization.CultureInfo.InvariantCulture)));

    private static RateLimitPolicy Policy(int limit) => new("policy", limit, Window);

    private static (bool IsAcquired, int Remaining) Answer(RateLimitDecision decision) => (decision.IsAcquired, decision.Remaining);

    private ValueTask<RateLimitDecision> AcquireAsync(RateLimitPolicy policy, string key, int permits = 1) => Store.AcquireAsync(new RateLimitCharge(policy, key, permits));

    private ValueTask<RateLimitDecision> AllAsync(params RateLimitCharge[] charges) => Store.AcquireAllAsync(charges);
}
