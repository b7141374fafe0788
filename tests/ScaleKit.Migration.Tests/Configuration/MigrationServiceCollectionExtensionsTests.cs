using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ScaleKit.Migration.Tests;

public sealed class MigrationServiceCollectionExtensionsTests
{
    [Fact]
    public async Task AddDualWriteRepository_NoConfiguration_WorksWithDefaults()
    {
        await using var provider = Services().BuildServiceProvider();
        var repository = provider.GetRequiredService<DualWriteRepository<string, string>>();

        await repository.UpsertAsync("k", "1");
        var report = await provider.GetRequiredService<MigrationRunner<string, string>>().RunAsync();

        Assert.True(report.Completed);
        Assert.Equal("1", (await repository.GetAsync("k")).Value);
        Assert.Same(repository.Ladder, provider.GetRequiredService<MigrationLadder>());
        Assert.NotNull(provider.GetRequiredService<Backfill<string, string>>());
        Assert.NotNull(provider.GetRequiredService<Verification<string, string>>());
    }

    [Fact]
    public async Task AddDualWriteRepository_Configured_CodeWinsExceptTheKillSwitch()
    {
        var configuration = new ConfigurationManager
        {
            ["ScaleKit:Migration:BackfillBatchSize"] = "7",
            ["ScaleKit:Migration:RepairBatchSize"] = "9",
            ["ScaleKit:Migration:Enabled"] = "false",
        };
        var services = Services(o =>
        {
            o.RepairBatchSize = 11;
            o.Enabled = true;
        });
        services.AddSingleton<IConfiguration>(configuration);
        await using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptionsMonitor<MigrationOptions>>().CurrentValue;
        var repository = provider.GetRequiredService<DualWriteRepository<string, string>>();

        Assert.Equal((7, 11), (options.BackfillBatchSize, options.RepairBatchSize));
        Assert.False(repository.IsEnabled);
        configuration["ScaleKit:Migration:Enabled"] = "true";
        ((IConfigurationRoot)configuration).Reload();
        Assert.True(repository.IsEnabled);
        configuration["ScaleKit:Migration:Enabled"] = "false";
        ((IConfigurationRoot)configuration).Reload();
        Assert.False(repository.IsEnabled);
    }

    [Fact]
    public async Task AddDualWriteRepository_Twice_OneRepository()
    {
        var services = Services();
        services.AddDualWriteRepository<string, string>(_ => throw new InvalidOperationException(), _ => throw new InvalidOperationException());
        await using var provider = services.BuildServiceProvider();

        Assert.Single(provider.GetServices<DualWriteRepository<string, string>>());
    }

    [Fact]
    public async Task AddDualWriteRepository_OptionOutOfRange_NamedWithItsLimits()
    {
        await using var provider = Services(o => o.BackfillBatchSize = 0).BuildServiceProvider();

        var refused = Assert.Throws<ArgumentException>(provider.GetRequiredService<DualWriteRepository<string, string>>);
        Assert.Contains("ScaleKit:Migration:BackfillBatchSize is 0; it must lie between 1 and 100000", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Meter_AMigration_IsMeasuredWithoutAnyKey()
    {
        var seen = new Dictionary<string, double>(StringComparer.Ordinal);
        var tags = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (i, l) => Enable(i, l) };
        listener.SetMeasurementEventCallback<long>((i, value, t, _) => Record(i, value, t));
        listener.SetMeasurementEventCallback<int>((i, value, t, _) => Record(i, value, t));
        listener.SetMeasurementEventCallback<double>((i, value, t, _) => Record(i, value, t));
        listener.Start();
        await using var provider = Services().AddSingleton<IMeterFactory, ScopedMeters>().BuildServiceProvider();
        var repository = provider.GetRequiredService<DualWriteRepository<string, string>>();
        await repository.UpsertAsync("secret key", "1");
        await repository.GetAsync("secret key");
        await provider.GetRequiredService<MigrationRunner<string, string>>().RunAsync(MigrationPhase.NewSequencer);
        listener.RecordObservableInstruments();

        lock (seen)
        {
            Assert.Equal(1, seen[MigrationDiagnostics.BackfillRows]);
            Assert.Equal(1, seen[MigrationDiagnostics.VerifiedRows]);
            Assert.Equal(5, seen[MigrationDiagnostics.Phase]);
            Assert.Equal(2, seen[MigrationDiagnostics.Operations]);
            Assert.True(seen.ContainsKey(MigrationDiagnostics.MoveDuration));
            Assert.DoesNotContain(tags, tag => tag.Contains("secret", StringComparison.Ordinal));
        }

        void Enable(Instrument instrument, MeterListener to)
        {
            // Other tests measure too: only the meter that this container made.
            if (instrument.Meter.Name == MigrationDiagnostics.MeterName && instrument.Meter.Scope is not null)
            {
                to.EnableMeasurementEvents(instrument);
            }
        }

        void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> with)
        {
            lock (seen)
            {
                seen[instrument.Name] = instrument is ObservableGauge<int> ? value : seen.GetValueOrDefault(instrument.Name) + value;
                foreach (var tag in with)
                {
                    tags.Add($"{tag.Key}={tag.Value}");
                }
            }
        }
    }

    private sealed class ScopedMeters : IMeterFactory
    {
        private readonly List<Meter> _made = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options.Name, options.Version, options.Tags, scope: this);
            _made.Add(meter);
            return meter;
        }

        public void Dispose() => _made.ForEach(meter => meter.Dispose());
    }

    private static ServiceCollection Services(Action<MigrationOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddDualWriteRepository<string, string>(
            _ => new InMemoryStore<string, string>("old"), _ => new InMemoryStore<string, string>("new"), configure);
        return services;
    }
}
