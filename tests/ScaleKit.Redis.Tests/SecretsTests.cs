using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ScaleKit.Admission;
using ScaleKit.Caching;
using ScaleKit.Migration;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests;

/// <summary>A password goes into the connection string, and comes out nowhere: of all primitives together, while Redis serves, when it is killed, and when it refuses the password.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string Secret = "0pen-s3same";
    private readonly RecordedLog _log = new();
    private readonly OwnMeters _meters = new();
    private readonly MeterListener _measurements = new();
    private readonly ActivityListener _activities;
    private readonly ConcurrentQueue<string> _tags = new();
    private readonly ConcurrentQueue<string> _exceptions = new();

    public SecretsTests()
    {
        _measurements.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, _meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _measurements.SetMeasurementEventCallback<int>((_, _, tags, _) => Note(tags));
        _measurements.SetMeasurementEventCallback<long>((_, _, tags, _) => Note(tags));
        _measurements.SetMeasurementEventCallback<double>((_, _, tags, _) => Note(tags));
        _measurements.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("ScaleKit.", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Note([.. activity.TagObjects, new(activity.DisplayName, activity.StatusDescription)]),
        };
        ActivitySource.AddActivityListener(_activities);
    }

    [Fact]
    public async Task Password_ServerIsKilledUnderAllPrimitives_IsInNoLogExceptionMeasurementOrActivity()
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Password = Secret });
        await using var services = Services(server.ConnectionString);
        await services.GetRequiredService<RedisConnection>().ReadyAsync();
        await UseAsync(services);
        await server.KillAsync();

        await UseAsync(services);

        Assert.Contains(_log.Lines, static line => line.StartsWith("Lost the", StringComparison.Ordinal));
        AssertToldNowhere();
    }

    [Fact]
    public async Task Password_IsNotTheServers_IsInNoLogExceptionMeasurementOrActivity()
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Password = "another" });
        await using var services = Services($"{server.EndPoint},password={Secret}");

        await UseAsync(services);

        AssertToldNowhere();
    }

    public void Dispose()
    {
        _activities.Dispose();
        _measurements.Dispose();
        _meters.Dispose();
        _log.Dispose();
    }

    private void AssertToldNowhere()
    {
        _measurements.RecordObservableInstruments();
        Assert.NotEmpty(_exceptions);
        Assert.NotEmpty(_tags);
        Assert.NotEmpty(_log.Entries);
        Assert.DoesNotContain(_log.Entries, static entry => $"{entry.Text}{entry.Exception}".Contains(Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(_exceptions, static text => text.Contains(Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(_tags, static text => text.Contains(Secret, StringComparison.Ordinal));
    }

    private ServiceProvider Services(string connectionString) => new ServiceCollection()
        .AddSingleton<ILoggerFactory>(_log)
        .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
        .AddSingleton<IMeterFactory>(_meters)
        .AddTwoLevelCache()
        .AddAdmissionQueue(static caps => caps.StorePatience = TimeSpan.FromMilliseconds(100))
        .AddScaleKitRateLimiting(static limits => limits.Policies["login"] = new() { Limit = 2, Window = TimeSpan.FromHours(1) })
        .AddScaleKitRedis(connectionString, static redis => redis.CallTimeout = TimeSpan.FromSeconds(2))
        .BuildServiceProvider();

    private async Task UseAsync(IServiceProvider services)
    {
        var cache = services.GetRequiredService<TwoLevelCache>();
        await TryAsync(() => cache.SetAsync("room:1", "value", tags: ["rooms"]).AsTask());
        await TryAsync(() => cache.RemoveByTagAsync("rooms").AsTask());
        await TryAsync(() => cache.GetOrCreateAsync("room:2", static _ => ValueTask.FromResult("made")).AsTask());
        await TryAsync(() => services.GetRequiredService<PolicyRateLimiter>().AcquireAsync("login", "ann").AsTask());
        await TryAsync(async () =>
        {
            // Nobody is admitted by a node that never reached Redis, and nobody waits for it here.
            var admitted = await services.GetRequiredService<AdmissionQueue>().AdmitAsync(new AdmissionRequest("lobby", "ann") { Deadline = TimeSpan.FromSeconds(1) });
            await (admitted.Lease?.DisposeAsync() ?? ValueTask.CompletedTask);
        });
        await TryAsync(() => services.GetRequiredService<IMigrationJournal>().ReadAsync("phase").AsTask());
        _exceptions.Enqueue($"{(await services.GetRequiredService<RedisConnection>().CheckHealthAsync()).Failure}");
    }

    private async Task TryAsync(Func<Task> use)
    {
        try
        {
            await use();
        }
        catch (RedisUnavailableException failure)
        {
            _exceptions.Enqueue(failure.ToString());
        }
    }

    private void Note(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (name, value) in tags)
        {
            _tags.Enqueue($"{name}={value}");
        }
    }
}
