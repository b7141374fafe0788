using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using ScaleKit.TestKit;

namespace ScaleKit.AspNetCore.Tests;

public sealed class ServiceLevelMonitorTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(1);
    private readonly ManualTimeProvider _clock = new();
    private readonly List<(ServiceLevelObjective Objective, bool IsMissed, double Share)> _heard = [];
    private readonly RecordedLog _log = new();
    private readonly ServiceLevelMonitor _monitor;

    public ServiceLevelMonitorTests()
    {
        _monitor = new ServiceLevelMonitor(new ServiceLevelOptions { LatencyLimit = TimeSpan.FromMilliseconds(200) }, _clock, new Logger<ServiceLevelMonitor>(_log));
        _monitor.Changed += (_, change) => _heard.Add((change.Objective, change.IsMissed, change.Share));
    }

    [Fact]
    public void Record_ErrorsAboveTheLimitAndBack_IsToldOnceEachWithHysteresis()
    {
        Window(failed: 5, of: 100);
        Assert.Empty(_heard);
        Window(failed: 6, of: 100);
        Window(failed: 50, of: 100);
        Window(failed: 3, of: 100);
        Assert.True(_monitor.GetSnapshot().IsErrorRateMissed);

        Window(failed: 25, of: 1000);

        Assert.Equal([(ServiceLevelObjective.ErrorRate, true, 0.06), (ServiceLevelObjective.ErrorRate, false, 0.025)], _heard);
        Window(failed: 40, of: 1000);
        Assert.Equal(2, _heard.Count);
        Assert.Equal([nameof(Log.ErrorRateHigh), nameof(Log.ObjectiveKept)], _log.Events);
    }

    [Theory]
    [InlineData(200, 6, false)]
    [InlineData(201, 5, false)]
    [InlineData(201, 6, true)]
    public void Record_NinetyFifthPercentile_IsMissedAboveTheLimitOnly(int milliseconds, int of100, bool isMissed)
    {
        Window(TimeSpan.FromMilliseconds(milliseconds), of100, of: 100);

        Assert.Equal(isMissed, _monitor.GetSnapshot().IsLatencyMissed);
    }

    [Fact]
    public void Record_LatencyBetweenThreeQuartersAndTheLimit_NeitherRaisesNorClears()
    {
        Window(TimeSpan.FromMilliseconds(160), slow: 100, of: 100);
        Assert.Empty(_heard);
        Window(TimeSpan.FromMilliseconds(300), slow: 100, of: 100);
        Window(TimeSpan.FromMilliseconds(160), slow: 100, of: 100);
        Assert.True(_monitor.GetSnapshot().IsLatencyMissed);

        Window(TimeSpan.FromMilliseconds(150), slow: 100, of: 100);

        Assert.Equal([(ServiceLevelObjective.Latency, true, 1.0), (ServiceLevelObjective.Latency, false, 0.0)], _heard);
        Assert.Equal([nameof(Log.LatencyHigh), nameof(Log.ObjectiveKept)], _log.Events);
    }

    [Fact]
    public void Record_FewRequests_JudgesNothingUntilThereAreNoneAtAll()
    {
        Window(failed: 99, of: 99);
        Assert.Empty(_heard);
        Window(failed: 100, of: 100);
        Window(failed: 0, of: 99);
        Assert.True(_monitor.GetSnapshot().IsErrorRateMissed);

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(new ServiceLevelSnapshot(0, 0, 0, false, false), _monitor.GetSnapshot());
        Assert.False(_heard[^1].IsMissed);
    }

    [Fact]
    public void GetSnapshot_WindowMovesOn_OldRequestsLeaveSliceBySlice()
    {
        for (var slice = 0; slice < 10; slice++)
        {
            Record(failed: 1, of: 10);
            _clock.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.Equal(90, _monitor.GetSnapshot().Requests);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(40, _monitor.GetSnapshot().Requests);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, _monitor.GetSnapshot().Requests);
    }

    [Fact]
    public void Record_ManyThreadsWhileTheClockMoves_CountsEachOnceAndTellsOnce()
    {
        _ = Parallel.For(0, 10_000, i =>
        {
            _monitor.Record(Quick, isFailed: true);
            if (i % 1000 == 0)
            {
                _clock.Advance(TimeSpan.FromSeconds(5));
            }
        });

        Assert.Equal(10_000, _monitor.GetSnapshot().Requests);
        Assert.Equal([(ServiceLevelObjective.ErrorRate, true, 1.0)], _heard);
    }

    [Fact]
    public void Record_AnyRequest_AllocatesNothing() => Assert.Equal(0, Allocated.By(() => _monitor.Record(Quick, isFailed: false)));

    [Fact]
    public void IsEnabled_Off_NothingIsCountedOrMissed()
    {
        Window(failed: 100, of: 100);
        _monitor.IsEnabled = false;
        Assert.False(_heard[^1].IsMissed);
        Window(failed: 100, of: 100);
        Assert.Equal(0, _monitor.GetSnapshot().Requests);

        _monitor.IsEnabled = true;

        Window(failed: 100, of: 100);
        Assert.True(_monitor.GetSnapshot().IsErrorRateMissed);
    }

    [Fact]
    public async Task HealthCheck_ObjectiveMissed_IsDegradedAndAHandlerThatThrowsHarmsNobody()
    {
        _monitor.Changed += static (_, _) => throw new InvalidOperationException("a handler's own");
        var check = new ServiceLevelHealthCheck(_monitor);
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new())).Status);
        Window(failed: 100, of: 100);

        var result = await check.CheckHealthAsync(new());

        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Equal((100L, 1.0), (result.Data["requests"], result.Data["errorShare"]));
        Assert.Contains(nameof(Log.HandlerFailed), _log.Events);
    }

    [Fact]
    public void Options_OutOfRange_AreRefusedByName()
    {
        foreach (var (options, name) in new[]
        {
            (new ServiceLevelOptions { ErrorRateLimit = 1.1 }, nameof(ServiceLevelOptions.ErrorRateLimit)),
            (new ServiceLevelOptions { ErrorRateLimit = double.NaN }, nameof(ServiceLevelOptions.ErrorRateLimit)),
            (new ServiceLevelOptions { LatencyLimit = TimeSpan.Zero }, nameof(ServiceLevelOptions.LatencyLimit)),
            (new ServiceLevelOptions { Window = TimeSpan.FromDays(1) }, nameof(ServiceLevelOptions.Window)),
            (new ServiceLevelOptions { MinimumRequests = 0 }, nameof(ServiceLevelOptions.MinimumRequests)),
        })
        {
            Assert.Contains(name, Assert.Throws<ArgumentException>(() => new ServiceLevelMonitor(options)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Host_RequestsOfEveryKind_AreHeardAsTheHostMeasuresThem()
    {
        ServiceLevelMonitor? monitor = null;
        await using var app = await TestApp.StartAsync(
            static services => services.AddScaleKitServiceLevel(static o => o.LatencyLimit = TimeSpan.FromMinutes(1)),
            pipeline =>
            {
                monitor = pipeline.Services.GetRequiredService<ServiceLevelMonitor>();
                pipeline.MapGet("/ok", static () => "ok");
                pipeline.MapGet("/missing", static () => Results.NotFound());
                pipeline.MapGet("/throws", static string () => throw new InvalidOperationException());
                pipeline.MapGet("/slow-on-purpose", static () => Results.StatusCode(500)).DisableHttpMetrics();
                pipeline.MapGet("/socket", static async (HttpContext context) => (await context.WebSockets.AcceptWebSocketAsync()).Dispose());
            });
        await using var other = await TestApp.StartAsync(static services => services.AddScaleKitServiceLevel(), static pipeline => pipeline.MapGet("/", static () => "another host"));
        foreach (var path in new[] { "/ok", "/missing", "/throws", "/slow-on-purpose" })
        {
            await app.StatusAsync(path);
        }

        (await app.ConnectAsync("/socket")).Dispose();
        await other.StatusAsync("/");

        await Eventually.HoldsAsync(() => monitor!.GetSnapshot().Requests >= 3, "the requests were heard");
        var now = monitor!.GetSnapshot();
        Assert.Equal((3, 1.0 / 3, 0.0), (now.Requests, now.ErrorShare, now.SlowShare));
    }

    [Fact]
    public async Task AddScaleKitServiceLevel_Configuration_IsReadAndTheSwitchIsFollowed()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ScaleKit:ServiceLevel:MinimumRequests"] = "1" }).Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton<TimeProvider>(_clock)
            .AddScaleKitServiceLevel().AddScaleKitServiceLevel(static o => o.Enabled = true).BuildServiceProvider();
        var monitor = services.GetRequiredService<ServiceLevelMonitor>();
        monitor.Record(Quick, isFailed: true);
        Assert.True(monitor.GetSnapshot().IsErrorRateMissed);

        configuration["ScaleKit:ServiceLevel:Enabled"] = "false";
        configuration.Reload();

        Assert.False(monitor.IsEnabled);
        Assert.False(monitor.GetSnapshot().IsErrorRateMissed);
    }

    [Fact]
    public void Gauges_SharesAndObjectives_AreThereWhileTheMonitorIs()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        var monitor = new ServiceLevelMonitor(timeProvider: _clock, meterFactory: factory);
        var observed = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => observed.Add(FormattableString.Invariant($"{instrument.Name} {value}")));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => observed.Add($"{instrument.Name} {tags[0].Value} {value}"));
        listener.Start();
        for (var i = 0; i < 100; i++)
        {
            monitor.Record(TimeSpan.FromSeconds(i % 2 * 2), isFailed: i % 4 == 0);
        }

        listener.RecordObservableInstruments();
        Assert.Equal(
            [
                "scalekit.service_level.error.share 0.25", "scalekit.service_level.missed error_rate 1", "scalekit.service_level.missed latency 1",
                "scalekit.service_level.slow.share 0.5",
            ],
            observed.Order(StringComparer.Ordinal));

        monitor.Dispose();
        observed.Clear();
        listener.RecordObservableInstruments();
        Assert.Empty(observed);
    }

    /// <summary>A window of its own, judged at its end.</summary>
    private void Window(int failed, int of)
    {
        _clock.Advance(TimeSpan.FromHours(1));
        Record(failed, of);
        _ = _monitor.GetSnapshot();
    }

    private void Window(TimeSpan duration, int slow, int of)
    {
        _clock.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < of; i++)
        {
            _monitor.Record(i < slow ? duration : Quick, isFailed: false);
        }

        _ = _monitor.GetSnapshot();
    }

    private void Record(int failed, int of)
    {
        for (var i = 0; i < of; i++)
        {
            _monitor.Record(Quick, isFailed: i < failed);
        }
    }
}
