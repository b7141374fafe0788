using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

public sealed class RateLimitingServiceCollectionExtensionsTests
{
    private const string Section = "ScaleKit:RateLimiting:";
    private readonly ManualTimeProvider _clock = new();
    private readonly RecordedLog _logs = new();

    [Fact]
    public void Add_WithoutConfiguration_HasTheDefaults()
    {
        using var provider = new ServiceCollection().AddScaleKitRateLimiting().BuildServiceProvider();
        var limiter = provider.GetRequiredService<PolicyRateLimiter>();

        Assert.True(limiter.IsEnabled);
        Assert.Equal("default: 60 in 00:01:00 (16 buckets)", limiter.GetPolicy("anything").ToString());
        limiter.AttemptAcquire("default", "k");
        Assert.Equal(1, provider.GetRequiredService<InProcessRateLimitStore>().Keys);
    }

    [Fact]
    public void Add_Twice_RegistersOnceAndAddsSettings()
    {
        var services = new ServiceCollection().AddScaleKitRateLimiting(o => o.Policies["a"] = new() { Limit = 1 });
        var count = services.Count;
        services.AddScaleKitRateLimiting();
        Assert.Equal(count, services.Count);

        services.AddScaleKitRateLimiting(o => o.Policies["b"] = new() { Limit = 2 });
        using var provider = services.BuildServiceProvider();
        var limiter = provider.GetRequiredService<PolicyRateLimiter>();
        Assert.Equal((1, 2), (limiter.GetPolicy("a").Limit, limiter.GetPolicy("b").Limit));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Add_OtherStoreRegistered_UsesItInWhateverOrder(bool storeFirst)
    {
        using var store = new InProcessRateLimitStore();
        var services = new ServiceCollection();
        _ = storeFirst ? services.AddSingleton<IRateLimitStore>(store).AddScaleKitRateLimiting() : services.AddScaleKitRateLimiting().AddSingleton<IRateLimitStore>(store);
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<PolicyRateLimiter>().AttemptAcquire("default", "k");
        Assert.Equal(1, store.Keys);
    }

    [Fact]
    public void Configuration_PoliciesOfAllKinds_AreRead()
    {
        using var provider = Build(Configuration(
            ("MaximumKeys", "10"),
            ("Policies:auth/login:Limit", "10"),
            ("Policies:auth/login:Window", "00:01:00"),
            ("Policies:workspaces/data:limit", "120"),
            ("Policies:workspaces/data:write:Limit", "30"),
            ("Policies:only:nested:here:Buckets", "64"),
            ("Policies:empty", null),
            ("Policies:Default:Window", "1.00:00:00")));
        var limiter = provider.GetRequiredService<PolicyRateLimiter>();

        Assert.Equal("auth/login: 10 in 00:01:00 (16 buckets)", limiter.GetPolicy("auth/login").ToString());
        Assert.Equal(120, limiter.GetPolicy("workspaces/data").Limit);
        Assert.Equal(30, limiter.GetPolicy("workspaces/data:write").Limit);
        Assert.Equal(64, limiter.GetPolicy("only:nested:here").Buckets);
        Assert.Equal("default", limiter.GetPolicy("only:nested").Name);
        Assert.Equal("empty", limiter.GetPolicy("empty").Name);
        Assert.Equal(TimeSpan.FromDays(1), limiter.GetPolicy("unknown").Window);
        Assert.Equal(10, provider.GetRequiredService<IOptions<RateLimitOptions>>().Value.MaximumKeys);
    }

    [Theory]
    [InlineData("Enabled", "maybe", "'ScaleKit:RateLimiting:Enabled' is 'maybe'; it must be true or false.")]
    [InlineData("MaximumKeys", "1e9", "is '1e9'; it must be a whole number")]
    [InlineData("Policies:p:Limit", "99999999999", "'ScaleKit:RateLimiting:Policies:p:Limit' is '99999999999'; it must be a whole number up to 2147483647.")]
    [InlineData("Policies:p:Window", "60", "is '60'; it must be a time such as 00:01:00.")]
    [InlineData("Policies:p:Limt", "5", "'ScaleKit:RateLimiting:Policies:p:Limt' is '5'; Limit, Window, Buckets, QueueLimit, LeaseLimit, Shadow or KeyLimits is expected there.")]
    [InlineData("Policies:p:Shadow", "perhaps", "is 'perhaps'; it must be true or false.")]
    [InlineData("Policies:p:KeyLimits:ann", "lots", "'ScaleKit:RateLimiting:Policies:p:KeyLimits:ann' is 'lots'; it must be a whole number")]
    [InlineData("Polices:p:Limit", "5", "'ScaleKit:RateLimiting:Polices' is not a setting.")]
    [InlineData("Policies:p:Limit", "0", "Policy 'p': Limit is 0; it must be 1 to 1,000,000,000.")]
    public void Configuration_Unreadable_FailsAtTheFirstUseAndNamesIt(string key, string value, string expected)
    {
        using var provider = Build(Configuration((key, value)));
        var error = Assert.ThrowsAny<ArgumentException>(provider.GetRequiredService<PolicyRateLimiter>);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_ChangedWhileRunning_AppliesAtOnceAndKeepsTheCounts()
    {
        var configuration = Configuration(("Policies:chat:Limit", "2"));
        using var provider = Build(configuration);
        var limiter = provider.GetRequiredService<PolicyRateLimiter>();
        limiter.AttemptAcquire("chat", "ann", 2);
        Assert.False(limiter.AttemptAcquire("chat", "ann").IsAcquired);

        Change(configuration, ("Policies:chat:Limit", "3"));

        Assert.True(limiter.AttemptAcquire("chat", "ann").IsAcquired);
        Assert.False(limiter.AttemptAcquire("chat", "ann").IsAcquired);
    }

    [Fact]
    public async Task Configuration_KeysShadowAndQueue_AreReadAndFollowedLive()
    {
        var configuration = Configuration(
            ("AllowedKeys:0", "probe"),
            ("DeniedKeys:0", "10.0.0.66"),
            ("Policies:chat:Limit", "1"),
            ("Policies:chat:KeyLimits:2001:db8::1", "3"),
            ("Policies:chat:Shadow", "true"),
            ("Policies:chat:LeaseLimit", "5"),
            ("Policies:chat:QueueLimit", "4"));
        using var provider = Build(configuration);
        var limiter = provider.GetRequiredService<PolicyRateLimiter>();

        Assert.Equal(RateLimitOutcome.Bypassed, limiter.AttemptAcquire("chat", "probe").Outcome);
        Assert.Equal(RateLimitOutcome.Denied, limiter.AttemptAcquire("chat", "10.0.0.66").Outcome);
        Assert.Equal(3, limiter.GetPolicy("chat", "2001:db8::1").Limit);
        Assert.Equal((true, 4, 5), (limiter.GetPolicy("chat").IsShadow, limiter.GetPolicy("chat").QueueLimit, limiter.GetPolicy("chat").LeaseLimit));
        limiter.AttemptAcquire("chat", "ann");
        Assert.Equal(RateLimitOutcome.WouldRefuse, limiter.AttemptAcquire("chat", "ann").Outcome);

        Change(configuration, ("Policies:chat:Shadow", "false"), ("Policies:chat:QueueLimit", "0"), ("Policies:chat:LeaseLimit", "6"), ("DeniedKeys:0", "10.0.0.67"), ("Policies:chat:KeyLimits:2001:db8::1", "5"));

        Assert.Equal(RateLimitOutcome.Refused, (await limiter.AcquireAsync("chat", "ann")).Outcome);
        Assert.Equal(RateLimitOutcome.Acquired, limiter.AttemptAcquire("chat", "10.0.0.66").Outcome);
        Assert.Equal(RateLimitOutcome.Denied, limiter.AttemptAcquire("chat", "10.0.0.67").Outcome);
        Assert.Equal((5, 6), (limiter.GetPolicy("chat", "2001:db8::1").Limit, limiter.GetPolicy("chat").LeaseLimit));
    }

    [Fact]
    public void Configuration_ChangedToNonsense_IsLoggedAndIgnoredUntilItIsRight()
    {
        var configuration = Configuration(("Policies:chat:Limit", "2"));
        using var provider = Build(configuration);
        var limiter = provider.GetRequiredService<PolicyRateLimiter>();

        foreach (var nonsense in (string[])["many", "0"])
        {
            Change(configuration, ("Policies:chat:Limit", nonsense));
            Assert.Equal(2, limiter.GetPolicy("chat").Limit);
        }

        Assert.Equal(2, _logs.Entries.Count(e => e is { Event.Id: 3, Level: LogLevel.Error }));
        Change(configuration, ("Policies:chat:Limit", "5"));
        Assert.Equal(5, limiter.GetPolicy("chat").Limit);
    }

    [Fact]
    public void Enabled_InConfiguration_FollowsItLiveAndWinsOverCode()
    {
        var configuration = Configuration(("Enabled", "false"));
        using var provider = Build(configuration, o => o.Enabled = true);
        var limiter = provider.GetRequiredService<PolicyRateLimiter>();
        Assert.Equal(RateLimitOutcome.Bypassed, limiter.AttemptAcquire("default", "k").Outcome);

        Change(configuration, ("Enabled", "true"));
        Assert.Equal(RateLimitOutcome.Acquired, limiter.AttemptAcquire("default", "k").Outcome);

        Change(configuration, ("Enabled", "FALSE"));
        Assert.False(limiter.IsEnabled);
    }

    [Fact]
    public void Configure_CodeAndConfigurationDiffer_CodeWins()
    {
        using var provider = Build(Configuration(("Policies:chat:Limit", "2")), o => o.Policies["chat"].Limit = 7);
        Assert.Equal(7, provider.GetRequiredService<PolicyRateLimiter>().GetPolicy("chat").Limit);
    }

    [Fact]
    public void TimeProvider_Registered_IsUsed()
    {
        using var provider = Build(Configuration(("Policies:default:Limit", "1")));
        var limiter = provider.GetRequiredService<PolicyRateLimiter>();
        limiter.AttemptAcquire("default", "k");

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(limiter.AttemptAcquire("default", "k").IsAcquired);
    }

    private static IConfigurationRoot Configuration(params (string Key, string? Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(Section + s.Key, s.Value)))
        .Build();

    private static void Change(IConfigurationRoot configuration, params (string Key, string Value)[] settings)
    {
        foreach (var (key, value) in settings)
        {
            configuration[Section + key] = value;
        }

        configuration.Reload();
    }

    private ServiceProvider Build(IConfiguration configuration, Action<RateLimitOptions>? configure = null) => new ServiceCollection()
        .AddSingleton(configuration)
        .AddSingleton<TimeProvider>(_clock)
        .AddSingleton<ILoggerFactory>(_logs)
        .AddScaleKitRateLimiting(configure)
        .BuildServiceProvider();
}
