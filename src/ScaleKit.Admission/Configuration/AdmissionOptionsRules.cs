using System.Globalization;
using System.Runtime.CompilerServices;

namespace ScaleKit.Admission;

/// <summary>What the options may be. One place, used by the constructor, by a resize and by a reload.</summary>
internal static class AdmissionOptionsRules
{
    public static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(7);

    private const int LongestLine = 10_000_000;

    /// <summary>A checked copy, so that a later change of the caller's object changes nothing here.</summary>
    public static AdmissionOptions CheckedCopy(AdmissionOptions options)
    {
        var copy = options.Copy();
        Require(options, copy.RoomCapacity, 1, int.MaxValue);
        Require(options, copy.ActiveRooms, 1, int.MaxValue);
        Require(options, copy.TotalCapacity, 1, int.MaxValue);
        Require(options, copy.PriorityBurst, 1, 1000);
        if (copy.MaximumHold != Timeout.InfiniteTimeSpan)
        {
            Require(options, copy.MaximumHold, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365));
        }

        if (copy.IdleTimeout != Timeout.InfiniteTimeSpan)
        {
            Require(options, copy.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365));
        }

        RequireRooms(options, copy.RoomCapacities, int.MaxValue, nameof(copy.RoomCapacities));
        RequireRooms(options, copy.RoomWeights, 1000, nameof(copy.RoomWeights));
        RequireDefined(options, copy.SameClient, nameof(copy.SameClient));
        RequireDefined(options, copy.Discipline, nameof(copy.Discipline));
        RequireDefined(options, copy.WhenStoreIsAway, nameof(copy.WhenStoreIsAway));
        Require(options, copy.OverloadInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        Require(options, copy.OverloadTarget, TimeSpan.FromMilliseconds(1), copy.OverloadInterval);
        Require(options, copy.ResumeLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Require(options, copy.StoreLease, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Require(options, copy.StorePatience, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Require(options, copy.QueueCapacity, 0, LongestLine);
        Require(options, copy.RoomQueueCapacity, 0, LongestLine);
        Require(options, copy.MaximumNameLength, 1, 4096);
        Require(options, copy.ProgressInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        Require(options, copy.RetryAfterFallback, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        RequireDeadline(copy.DefaultDeadline, nameof(options), nameof(copy.DefaultDeadline));
        return copy;
    }

    public static void RequireDeadline(TimeSpan deadline, string argument, string property)
    {
        if (deadline == Timeout.InfiniteTimeSpan || (deadline >= TimeSpan.Zero && deadline <= LongestDeadline))
        {
            return;
        }

        throw new ArgumentOutOfRangeException(
            argument, deadline, $"{property} must be from zero to {LongestDeadline:c}, or Timeout.InfiniteTimeSpan.");
    }

    private static void RequireRooms(AdmissionOptions options, IDictionary<string, int> rooms, int most, string property)
    {
        foreach (var (room, value) in rooms)
        {
            if (value < 1 || value > most)
            {
                var range = most == int.MaxValue ? "1 or more" : string.Create(CultureInfo.InvariantCulture, $"from 1 to {most}");
                throw new ArgumentOutOfRangeException(nameof(options), value, $"{property} of \"{NameRules.Shown(room)}\" must be {range}.");
            }
        }
    }

    private static void RequireDefined<T>(AdmissionOptions options, T value, string property)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw new ArgumentOutOfRangeException(nameof(options), value, $"{property} must be one of {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }

    private static void Require<T>(AdmissionOptions options, T value, T least, T most, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0)
        {
            return;
        }

        var property = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var range = string.Create(CultureInfo.InvariantCulture, $"{property} must be from {least} to {most}.");
        throw new ArgumentOutOfRangeException(nameof(options), value, range);
    }
}
