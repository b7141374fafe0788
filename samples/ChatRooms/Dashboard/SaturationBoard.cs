using System.Collections.Concurrent;
using System.Globalization;
using ScaleKit.Admission;
using ScaleKit.AspNetCore;
using ScaleKit.Caching;
using ScaleKit.Migration;

namespace ChatRooms;

/// <summary>What is near its end or not as it should be, as the primitives tell it: each of them raises a warning once, and clears it once.</summary>
internal sealed class SaturationBoard
{
    private readonly ConcurrentDictionary<string, double> _shares = new(StringComparer.Ordinal);
    private volatile bool _rooms;
    private volatile bool _seats;

    public SaturationBoard(AdmissionQueue queue, TwoLevelCache cache, MigrationLadder ladder, ServiceLevelMonitor level)
    {
        queue.Saturation += (_, change) =>
        {
            if (change.Cap == AdmissionCap.ActiveRooms)
                _rooms = change.IsSaturated;
            else if (change.Cap == AdmissionCap.Total)
                _seats = change.IsSaturated;
        };
        cache.HitRateChanged += (_, change) => Set("Session cache", change.IsLow, 1 - change.Rate);
        ladder.MirrorFailing += (_, change) => Set("Mirror", change.IsFailing, change.Share);
        level.Changed += (_, change) => Set(change.Objective == ServiceLevelObjective.ErrorRate ? "Errors" : "Latency", change.IsMissed, change.Share);
    }

    public IReadOnlyList<WarningView> Read(AdmissionSnapshot now)
    {
        var warnings = new List<WarningView>();
        if (_seats)
            warnings.Add(new WarningView("Seats", Share(now.Seats, now.TotalCapacity)));
        if (_rooms)
            warnings.Add(new WarningView("Active rooms", Share(now.ActiveRooms, now.ActiveRoomCapacity)));
        foreach (var (what, share) in _shares.OrderBy(static one => one.Key, StringComparer.Ordinal))
            warnings.Add(new WarningView(what, string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} % {TextOf(what)}")));
        return warnings;
    }

    // While the store of the seats is away a node keeps to its own part of a cap, and that may be none.
    internal static string Share(int taken, int cap) => cap == 0 ? "none may be given" : $"{100 * taken / cap} % of the cap";

    private static string TextOf(string what) => what switch
    {
        "Session cache" => "of the look-ups miss",
        "Mirror" => "of the rows are not taken",
        "Errors" => "of the requests fail",
        _ => "of the requests are too slow",
    };

    private void Set(string what, bool isRaised, double share)
    {
        if (isRaised)
            _shares[what] = share;
        else
            _shares.TryRemove(what, out _);
    }
}
