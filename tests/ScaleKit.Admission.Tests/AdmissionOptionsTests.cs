using System.Globalization;
using System.Reflection;

namespace ScaleKit.Admission.Tests;

public sealed class AdmissionOptionsTests
{
    public static TheoryData<string, object> OutOfRange => new()
    {
        { nameof(AdmissionOptions.RoomCapacity), 0 },
        { nameof(AdmissionOptions.ActiveRooms), -1 },
        { nameof(AdmissionOptions.TotalCapacity), int.MinValue },
        { nameof(AdmissionOptions.QueueCapacity), -1 },
        { nameof(AdmissionOptions.QueueCapacity), 10_000_001 },
        { nameof(AdmissionOptions.RoomQueueCapacity), -1 },
        { nameof(AdmissionOptions.MaximumNameLength), 0 },
        { nameof(AdmissionOptions.MaximumNameLength), 4097 },
        { nameof(AdmissionOptions.DefaultDeadline), TimeSpan.FromTicks(-1) },
        { nameof(AdmissionOptions.DefaultDeadline), TimeSpan.MaxValue },
        { nameof(AdmissionOptions.ProgressInterval), TimeSpan.Zero },
        { nameof(AdmissionOptions.RetryAfterFallback), TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Constructor_OptionOutOfRange_NamesItAndItsValue(string name, object value)
    {
        var property = typeof(AdmissionOptions).GetProperty(name)!;
        var options = new AdmissionOptions();
        property.SetValue(options, value);

        var exception = Assert.Throws<ArgumentOutOfRangeException>("options", () => new AdmissionQueue(options));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToString(value, CultureInfo.InvariantCulture)!, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CopyTo_EveryProperty_IsCopied()
    {
        var from = new AdmissionOptions();
        foreach (var property in typeof(AdmissionOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            property.SetValue(from, property.GetValue(from) switch
            {
                bool value => !value,
                int value => value + 1,
                Enum value => Enum.ToObject(value.GetType(), 1),
                TimeSpan value => value + TimeSpan.FromSeconds(1),
                IDictionary<string, int> => new Dictionary<string, int>(StringComparer.Ordinal) { ["a"] = 1 },
                var other => throw new InvalidOperationException($"{property.Name}: {other}"),
            });
        }

        var to = new AdmissionOptions();
        from.CopyTo(to);

        Assert.All(typeof(AdmissionOptions).GetProperties(), property => Assert.Equal(property.GetValue(from), property.GetValue(to)));
    }

    [Fact]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        var options = new AdmissionOptions();

        Assert.Equal((true, 8, 100, 800), (options.Enabled, options.RoomCapacity, options.ActiveRooms, options.TotalCapacity));
        Assert.Equal((10_000, 1_000, 256), (options.QueueCapacity, options.RoomQueueCapacity, options.MaximumNameLength));
        Assert.Equal(
            (TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)),
            (options.DefaultDeadline, options.ProgressInterval, options.RetryAfterFallback));
    }
}
