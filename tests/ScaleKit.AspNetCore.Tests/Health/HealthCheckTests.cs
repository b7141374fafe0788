using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ScaleKit.Admission;
using ScaleKit.Migration;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.AspNetCore.Tests;

public sealed class HealthCheckTests
{
    [Fact]
    public async Task Admission_SeatsAtEightyPercent_IsDegraded()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { TotalCapacity = 10, RoomCapacity = 10, ActiveRooms = 10 });
        var check = new AdmissionHealthCheck(queue);
        var leases = Enumerable.Range(0, 7).Select(_ => queue.TryAdmit("blue").Lease!).ToList();
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new HealthCheckContext())).Status);
        leases.Add(queue.TryAdmit("blue").Lease!);
        var full = await check.CheckHealthAsync(new HealthCheckContext());
        Assert.Equal(HealthStatus.Degraded, full.Status);
        Assert.Equal(8, full.Data["seats"]);
        await leases[0].DisposeAsync();
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new HealthCheckContext())).Status);
    }

    [Fact]
    public async Task Admission_RoomsAtEightyPercent_IsDegraded()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { ActiveRooms = 5 });
        var leases = new[] { "a", "b", "c", "d" }.Select(room => queue.TryAdmit(room).Lease).ToArray();

        var result = await new AdmissionHealthCheck(queue).CheckHealthAsync(new HealthCheckContext());
        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Contains("rooms", result.Description, StringComparison.Ordinal);
        GC.KeepAlive(leases);
    }

    [Fact]
    public async Task Admission_SwitchedOff_IsDegraded()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { Enabled = false });
        Assert.Equal(HealthStatus.Degraded, (await new AdmissionHealthCheck(queue).CheckHealthAsync(new HealthCheckContext())).Status);
    }

    [Fact]
    public async Task Admission_StoreDoesNotAnswer_IsDegraded()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { StorePatience = TimeSpan.Zero }, store: new DeadStore());
        await Eventually.HoldsAsync(() => queue.IsAway, "the queue knows that it is alone");

        var result = await new AdmissionHealthCheck(queue).CheckHealthAsync(new HealthCheckContext());

        Assert.Equal((HealthStatus.Degraded, true), (result.Status, result.Data["isAway"]));
    }

    [Fact]
    public async Task Migration_InstanceTwoRungsFromTheFleet_IsUnhealthyUntilItFollows()
    {
        var (old, @new, journal) = (new InMemoryStore<string, string>("old"), new InMemoryStore<string, string>("new"), new InMemoryJournal());
        var services = new ServiceCollection().AddSingleton<IMigrationJournal>(journal).AddLogging();
        services.AddDualWriteRepository(_ => (IVersionedStore<string, string>)old, _ => @new, static o => o.LeaseDuration = TimeSpan.Zero);
        services.AddHealthChecks().AddScaleKitMigration<string, string>();
        await using var provider = services.BuildServiceProvider();
        var (checks, here) = (provider.GetRequiredService<HealthCheckService>(), provider.GetRequiredService<DualWriteRepository<string, string>>());
        await using var ladder = new MigrationLadder(old, @new, new MigrationOptions { LeaseDuration = TimeSpan.Zero }, journal);
        await using var other = new DualWriteRepository<string, string>(old, @new, ladder);

        Assert.Equal(HealthStatus.Healthy, (await checks.CheckHealthAsync()).Status);
        await new MigrationRunner<string, string>(other).RunAsync(MigrationPhase.DualWriteBoth);
        var red = (await checks.CheckHealthAsync()).Entries["scalekit-migration"];
        Assert.Equal((HealthStatus.Unhealthy, (object)"OldOnly"), (red.Status, red.Data["phase"]));
        Assert.Contains("OldOnly", red.Description, StringComparison.Ordinal);

        await here.UpsertAsync("k", "1");
        Assert.Equal(HealthStatus.Healthy, (await checks.CheckHealthAsync()).Status);
        here.IsEnabled = false;
        Assert.Equal(HealthStatus.Degraded, (await checks.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task RateLimiter_Answers_IsHealthyAndCostsNothing()
    {
        using var limiter = new PolicyRateLimiter(OnePermit());
        var check = new RateLimiterHealthCheck(limiter);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(Context(check))).Status);
        }

        Assert.Equal(1, limiter.AttemptAcquire("default", "scalekit:health", permits: 0).Remaining);
        limiter.IsEnabled = false;
        Assert.Equal(HealthStatus.Degraded, (await check.CheckHealthAsync(Context(check))).Status);
    }

    [Fact]
    public async Task RateLimiter_StoreFails_IsTheStatusOfItsRegistration()
    {
        using var limiter = new PolicyRateLimiter(OnePermit(), new BrokenStore());
        var check = new RateLimiterHealthCheck(limiter);
        var result = await check.CheckHealthAsync(Context(check));
        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.IsType<IOException>(result.Exception);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check.CheckHealthAsync(Context(check), cancelled.Token));
    }

    [Fact]
    public async Task AddScaleKit_BothChecks_AnswerOverHttp()
    {
        await using var app = await TestApp.StartAsync(
            services =>
            {
                TestApp.Limits()(services);
                services.AddAdmissionQueue(options => options.TotalCapacity = 1);
                services.AddHealthChecks().AddScaleKitAdmission(tags: ["ready"]).AddScaleKitRateLimiter(tags: ["ready"]);
            },
            app => app.MapHealthChecks("/ready"));
        Assert.Equal("Healthy", await app.Client.GetStringAsync("/ready"));
        await using var seated = app.Queue.TryAdmit("blue").Lease!;
        Assert.Equal("Degraded", await app.Client.GetStringAsync("/ready"));
    }

    private static RateLimitOptions OnePermit()
    {
        var options = new RateLimitOptions();
        options.Policies["default"] = new RateLimitPolicyOptions { Limit = 1, Window = TimeSpan.FromHours(1) };
        return options;
    }

    private static HealthCheckContext Context(IHealthCheck check) =>
        new() { Registration = new HealthCheckRegistration("x", check, HealthStatus.Degraded, tags: null) };

    private sealed class BrokenStore : IRateLimitStore
    {
        public RateLimitDecision AttemptAcquire(in RateLimitCharge charge) => throw new IOException("down");

        public ValueTask<RateLimitDecision> AcquireAsync(RateLimitCharge charge, CancellationToken cancellationToken = default) => throw new IOException("down");

        public ValueTask<RateLimitDecision> AcquireAllAsync(ReadOnlyMemory<RateLimitCharge> charges, CancellationToken cancellationToken = default) =>
            throw new IOException("down");

        public ValueTask<bool> SettleAsync(RateLimitCharge charge, int actual, CancellationToken cancellationToken = default) => throw new IOException("down");
    }

    private sealed class DeadStore : ISeatStore
    {
        public ValueTask<SeatReply> StepAsync(SeatStep step, CancellationToken cancellationToken = default) => throw new TimeoutException();

        public IDisposable Subscribe(string node, Action wake) => new CancellationTokenSource();
    }
}
