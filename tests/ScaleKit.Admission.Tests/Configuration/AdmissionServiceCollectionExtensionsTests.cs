using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

public sealed class AdmissionServiceCollectionExtensionsTests
{
    [Fact]
    public void AddAdmissionQueue_NoConfiguration_WorksWithTheDefaults()
    {
        using var services = new ServiceCollection().AddAdmissionQueue().BuildServiceProvider();

        var queue = services.GetRequiredService<AdmissionQueue>();

        Assert.Equal((8, 100, 800), (queue.GetSnapshot().RoomCapacity, queue.GetSnapshot().ActiveRoomCapacity, queue.GetSnapshot().TotalCapacity));
        Assert.Same(queue, services.GetRequiredService<AdmissionQueue>());
    }

    [Fact]
    public void AddAdmissionQueue_Twice_RegistersOneQueueAndRunsBothDelegates()
    {
        var collection = new ServiceCollection().AddAdmissionQueue(o => o.RoomCapacity = 3).AddAdmissionQueue(o => o.TotalCapacity = 9);
        using var services = collection.BuildServiceProvider();

        var queue = Assert.Single(services.GetServices<AdmissionQueue>());

        Assert.Equal((3, 9), (queue.GetSnapshot().RoomCapacity, queue.GetSnapshot().TotalCapacity));
    }

    [Fact]
    public void AddAdmissionQueue_Configuration_IsReadAndCodeWinsExceptOverTheSwitch()
    {
        var configuration = Configuration(("Enabled", "false"), ("RoomCapacity", "4"), ("TotalCapacity", "7"), ("DefaultDeadline", "00:00:10"));
        using var services = Provider(configuration, options => (options.Enabled, options.TotalCapacity) = (true, 9));

        var queue = services.GetRequiredService<AdmissionQueue>();

        Assert.Equal((false, 4, 9), (queue.IsEnabled, queue.GetSnapshot().RoomCapacity, queue.GetSnapshot().TotalCapacity));
    }

    [Fact]
    public async Task AddAdmissionQueue_ConfigurationChanges_AreTakenWhileRunning()
    {
        var configuration = Configuration(("RoomCapacity", "1"));
        using var services = Provider(configuration);
        var queue = services.GetRequiredService<AdmissionQueue>();
        await using var seated = queue.TryAdmit("a").Lease!;
        var waiting = queue.AdmitAsync(new AdmissionRequest("a"));

        Change(configuration, "RoomCapacity", "2");
        Assert.True((await waiting).IsAdmitted);

        Change(configuration, "Enabled", "false");
        Assert.False(queue.IsEnabled);
        Assert.True(queue.TryAdmit("a").IsAdmitted);
        Change(configuration, "Enabled", "true");
        Assert.True(queue.IsEnabled);
    }

    [Theory]
    [InlineData("TotalCapacity", "-1")]
    [InlineData("TotalCapacity", "many")]
    public void AddAdmissionQueue_ConfigurationBecomesInvalid_KeepsTheLastValidOne(string name, string value)
    {
        var configuration = Configuration(("TotalCapacity", "7"));
        var logger = new ListLogger();
        using var services = Provider(configuration, logger: logger);
        var queue = services.GetRequiredService<AdmissionQueue>();

        Change(configuration, name, value);

        Assert.Equal(7, queue.GetSnapshot().TotalCapacity);
        Assert.Contains(logger.Lines, line => line.Contains("not valid", StringComparison.Ordinal));
        Change(configuration, name, "8");
        Assert.Equal(8, queue.GetSnapshot().TotalCapacity);
    }

    [Fact]
    public void AddAdmissionQueue_ConfigurationInvalidAtTheStart_Fails()
    {
        using var outOfRange = Provider(Configuration(("TotalCapacity", "0")));
        using var notANumber = Provider(Configuration(("TotalCapacity", "many")));

        _ = Assert.Throws<ArgumentOutOfRangeException>(() => outOfRange.GetRequiredService<AdmissionQueue>());
        _ = Assert.Throws<InvalidOperationException>(() => notANumber.GetRequiredService<AdmissionQueue>());
    }

    [Fact]
    public void AddAdmissionQueue_ProviderDisposed_StopsFollowing()
    {
        var configuration = Configuration(("TotalCapacity", "7"));
        AdmissionQueue queue;
        using (var services = Provider(configuration))
        {
            queue = services.GetRequiredService<AdmissionQueue>();
        }

        Change(configuration, "TotalCapacity", "8");

        Assert.Equal((7, AdmissionRefusal.Draining), (queue.GetSnapshot().TotalCapacity, queue.TryAdmit("a").Refusal));
    }

    [Fact]
    public async Task AddAdmissionQueue_TimeProviderRegistered_IsTaken()
    {
        var clock = new ManualTimeProvider();
        await using var services = new ServiceCollection().AddSingleton<TimeProvider>(clock).AddAdmissionQueue(o => o.RoomCapacity = 1).BuildServiceProvider();
        var queue = services.GetRequiredService<AdmissionQueue>();
        await using var seated = queue.TryAdmit("a").Lease!;

        var pending = queue.AdmitAsync(new AdmissionRequest("a") { Deadline = TimeSpan.FromSeconds(1) });
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(pending.IsCompleted);
    }

    private static IConfigurationRoot Configuration(params (string Name, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(pair => KeyValuePair.Create($"{AdmissionOptions.SectionName}:{pair.Name}", (string?)pair.Value)))
            .Build();

    private static void Change(IConfigurationRoot configuration, string name, string value)
    {
        configuration[$"{AdmissionOptions.SectionName}:{name}"] = value;
        configuration.Reload();
    }

    private static ServiceProvider Provider(IConfiguration configuration, Action<AdmissionOptions>? configure = null, ListLogger? logger = null)
    {
        var services = new ServiceCollection().AddSingleton(configuration).AddAdmissionQueue(configure);
        if (logger is not null)
        {
            services.AddLogging(builder => builder.AddProvider(logger));
        }

        return services.BuildServiceProvider();
    }
}
