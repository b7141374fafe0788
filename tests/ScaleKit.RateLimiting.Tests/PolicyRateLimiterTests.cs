using System.Diagnostics.Metrics;
using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

public sealed class PolicyRateLimiterTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly RecordedLog _logs = new();
    private readonly PolicyRateLimiter _limiter;

    public PolicyRateLimiterTests() => _limiter = new PolicyRateLimiter(Options(("auth/login", 2), ("default", 4)), timeProvider: _clock, loggerFactory: _logs);

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public async Task SettleAsync_CostLess_IsFreeAgain()
    {
        using var limiter = new PolicyRateLimiter(new RateLimitOptions { Policies = { ["tokens"] = new() { Limit = 1_000 } } });
        await limiter.AcquireAsync("tokens", "k", 800);

        Assert.True(await limiter.SettleAsync("tokens", "k", taken: 800, actual: 150));

        Assert.Equal(850, (await limiter.AcquireAsync("tokens", "k", 0)).Remaining);
        limiter.IsEnabled = false;
        Assert.True(await limiter.SettleAsync("tokens", "k", taken: 800, actual: 0));
        limiter.IsEnabled = true;
        Assert.Equal(850, (await limiter.AcquireAsync("tokens", "k", 0)).Remaining);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await limiter.SettleAsync("tokens", "k", 1, -1));
    }

    [Fact]
    public async Task AcquireAsync_NamedPolicy_ItsLimitApplies()
    {
        Assert.Equal((RateLimitOutcome.Acquired, "auth/login", 1), Summary(await _limiter.AcquireAsync("auth/login", "ann")));
        Assert.Equal((RateLimitOutcome.Acquired, "auth/login", 0), Summary(_limiter.AttemptAcquire("AUTH/Login", "ann")));
        Assert.Equal((RateLimitOutcome.Refused, "auth/login", 0), Summary(await _limiter.AcquireAsync("auth/login", "ann")));
        Assert.Equal((RateLimitOutcome.Acquired, "auth/login", 1), Summary(await _limiter.AcquireAsync("auth/login", "bob")));
    }

    [Fact]
    public void AttemptAcquire_UnknownPolicies_AllCountInDefaultAndAreLoggedOnce()
    {
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal((RateLimitOutcome.Acquired, "default", 3 - i), Summary(_limiter.AttemptAcquire("no\nsuch" + i, "ann")));
        }

        Assert.Equal((RateLimitOutcome.Refused, "default", 0), Summary(_limiter.AttemptAcquire("another", "ann")));
        Assert.Contains("'no\\u000Asuch0'", Assert.Single(_logs.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void AttemptAcquire_NoPermitsAsked_TakesNone()
    {
        Assert.Equal((RateLimitOutcome.Acquired, "auth/login", 2), Summary(_limiter.AttemptAcquire("auth/login", "ann", 0)));
        Assert.Equal((RateLimitOutcome.Acquired, "auth/login", 0), Summary(_limiter.AttemptAcquire("auth/login", "ann", 2)));
        Assert.Equal((RateLimitOutcome.Refused, "auth/login", 0), Summary(_limiter.AttemptAcquire("auth/login", "ann", 0)));
    }

    [Fact]
    public void AcquireAsync_KnownKey_AllocatesNothing()
    {
        using var limiter = new PolicyRateLimiter(Options(("api", 1_000_000), ("default", 1)));
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => "user-" + i)];
        for (var i = 0; i < 5000; i++)
        {
            limiter.AttemptAcquire("api", keys[i % keys.Length]);
        }

        var next = 0;
        var bytes = Allocated.By(() =>
        {
            limiter.AttemptAcquire("api", keys[++next % keys.Length]);
            Assert.True(limiter.AcquireAsync("api", keys[next % keys.Length]).IsCompletedSuccessfully);
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public async Task IsEnabled_False_EverythingIsLetThroughAndNothingCounted()
    {
        _limiter.AttemptAcquire("auth/login", "ann");
        _limiter.IsEnabled = false;
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal((RateLimitOutcome.Bypassed, "auth/login", 2), Summary(_limiter.AttemptAcquire("auth/login", "ann", 50)));
            Assert.True((await _limiter.AcquireAsync("auth/login", "ann")).IsAcquired);
            Assert.True((await _limiter.AcquireAllAsync(new[] { Charge("auth/login", "ann") })).IsAcquired);
        }

        _limiter.IsEnabled = true;

        Assert.Equal(1, _limiter.AttemptAcquire("auth/login", "ann", 0).Remaining);
    }

    [Fact]
    public void Update_OtherLimit_AppliesAtOnceToWhatWasTaken()
    {
        _limiter.AttemptAcquire("auth/login", "ann", 2);

        _limiter.Update(Options(("AUTH/LOGIN", 5), ("default", 4)));
        Assert.Equal((RateLimitOutcome.Acquired, "auth/login", 2), Summary(_limiter.AttemptAcquire("auth/login", "ann")));

        _limiter.Update(Options(("auth/login", 1), ("default", 4)));
        Assert.Equal((RateLimitOutcome.Refused, "auth/login", 0), Summary(_limiter.AttemptAcquire("auth/login", "ann")));
    }

    [Fact]
    public void Update_PolicyRemovedAndAdded_FallsToDefaultAndBack()
    {
        _limiter.Update(Options(("default", 4), ("chat", 1)));
        Assert.Equal("default", _limiter.AttemptAcquire("auth/login", "ann").Policy);
        Assert.Equal("chat", _limiter.AttemptAcquire("chat", "ann").Policy);
        Assert.Equal(1, _limiter.GetPolicy("chat").Limit);
    }

    [Fact]
    public void Update_Invalid_ThrowsAndKeepsTheFormerPolicies()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _limiter.Update(Options(("default", 4), ("auth/login", 0))));

        Assert.Contains("Policy 'auth/login': Limit is 0; it must be 1 to 1,000,000,000", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, _limiter.GetPolicy("auth/login").Limit);
    }

    [Fact]
    public void Constructor_WithoutDefaultOrWithTwins_SaysSo()
    {
        var none = new RateLimitOptions();
        none.Policies.Clear();
        Assert.Contains("'default'", Assert.Throws<ArgumentException>(() => new PolicyRateLimiter(none)).Message, StringComparison.Ordinal);

        var many = new RateLimitOptions();
        for (var i = 0; i < 1024; i++)
        {
            many.Policies["p" + i] = new();
        }

        Assert.Contains("1025 policies", Assert.Throws<ArgumentException>(() => new PolicyRateLimiter(many)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new PolicyRateLimiter(new RateLimitOptions { Policies = { ["x"] = null! } }));
    }

    [Fact]
    public async Task AcquireAsync_BadArguments_SaysWhichAndWhy()
    {
        Assert.Equal("policy", Assert.Throws<ArgumentNullException>(() => _limiter.AttemptAcquire(null!, "k")).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _limiter.AttemptAcquire("p", null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentException>(() => _limiter.AttemptAcquire("p", "")).ParamName);
        Assert.Equal("permits", Assert.Throws<ArgumentOutOfRangeException>(() => _limiter.AttemptAcquire("p", "k", -1)).ParamName);
        var tooLong = Assert.Throws<ArgumentOutOfRangeException>(() => _limiter.AttemptAcquire("p", new string('\u0001', 257)));
        Assert.Contains("(257 characters) is longer than 256", tooLong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0001', tooLong.Message);
        var tooMany = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _limiter.AcquireAsync("auth/login", "k", 3));
        Assert.Contains("3 permits were asked for at once, but policy 'auth/login' has a limit of 2", tooMany.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _limiter.AcquireAsync("p", "k", 1, new CancellationToken(true)));
    }

    [Fact]
    public async Task AcquireAllAsync_TwoPolicies_AllOrNothing()
    {
        var charges = new[] { Charge("auth/login", "ann"), Charge("default", "tenant", 2) };
        Assert.True((await _limiter.AcquireAllAsync(charges)).IsAcquired);
        Assert.True((await _limiter.AcquireAllAsync(charges)).IsAcquired);

        var refused = await _limiter.AcquireAllAsync(charges);

        Assert.False(refused.IsAcquired);
        Assert.Equal(RateLimitOutcome.Refused, refused.Outcome);
        await Assert.ThrowsAsync<ArgumentException>(async () => await _limiter.AcquireAllAsync(default));
    }

    [Fact]
    public async Task Requests_EveryAnswer_IsCountedByConfiguredPolicyAndResult()
    {
        var counted = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = Listen(counted);

        _limiter.AttemptAcquire("auth/login", "ann", 2);
        _limiter.AttemptAcquire("auth/login", "ann");
        _limiter.AttemptAcquire("from a user", "ann");
        _limiter.AttemptAcquire("auth/login", "ann", 0);
        await _limiter.AcquireAllAsync(new[] { Charge("auth/login", "bob"), Charge("default", "bob") });
        _limiter.IsEnabled = false;
        _limiter.AttemptAcquire("auth/login", "ann");

        Assert.Equal(
            ["auth/login acquired 2", "auth/login bypass 1", "auth/login refused 1", "default acquired 2"],
            counted.Select(c => $"{c.Key} {c.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AcquireAsync_StoreThatAnswersLater_IsAwaitedAndCounted()
    {
        var store = new SlowStore();
        using var limiter = new PolicyRateLimiter(Options(("default", 3)), store);
        Assert.Equal(RateLimitOutcome.Undecided, limiter.AttemptAcquire("default", "k").Outcome);
        Assert.False(limiter.AttemptAcquire("default", "k").IsAcquired);

        var pending = limiter.AcquireAsync("default", "k");
        Assert.False(pending.IsCompleted);
        store.Answer.SetResult();

        Assert.Equal(2, (await pending).Remaining);
    }

    private static (RateLimitOutcome Outcome, string Policy, int Remaining) Summary(RateLimitDecision decision) => (decision.Outcome, decision.Policy, decision.Remaining);

    private static RateLimitOptions Options(params (string Name, int Limit)[] policies)
    {
        var options = new RateLimitOptions();
        foreach (var (name, limit) in policies)
        {
            options.Policies[name] = new RateLimitPolicyOptions { Limit = limit };
        }

        return options;
    }

    private RateLimitCharge Charge(string policy, string key, int permits = 1) => new(_limiter.GetPolicy(policy), key, permits);

    private MeterListener Listen(Dictionary<string, long> counted)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (ReferenceEquals(instrument.Meter, _limiter.Meter))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            Assert.Equal((RateLimitingDiagnostics.Requests, "{request}"), (instrument.Name, instrument.Unit));
            Assert.Equal([RateLimitingDiagnostics.PolicyTag, RateLimitingDiagnostics.ResultTag], tags.ToArray().Select(t => t.Key));
            var label = $"{tags[0].Value} {tags[1].Value}";
            counted[label] = counted.GetValueOrDefault(label) + value;
        });
        listener.Start();
        return listener;
    }

    private sealed class SlowStore : IRateLimitStore
    {
        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public RateLimitDecision AttemptAcquire(in RateLimitCharge charge) => RateLimitDecision.Undecided(charge.Policy);

        public async ValueTask<RateLimitDecision> AcquireAsync(RateLimitCharge charge, CancellationToken cancellationToken = default)
        {
            await Answer.Task;
            return RateLimitDecision.Acquired(charge.Policy, charge.Policy.Limit - charge.Permits, charge.Policy.Window);
        }

        public ValueTask<RateLimitDecision> AcquireAllAsync(ReadOnlyMemory<RateLimitCharge> charges, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<bool> SettleAsync(RateLimitCharge charge, int actual, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
