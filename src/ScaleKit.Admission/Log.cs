using Microsoft.Extensions.Logging;

namespace ScaleKit.Admission;

/// <summary>Every message of this package. Room names and client ids come from users and are in none of them.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Admission: {Cap} is at 80 % or more: {Used} of {Capacity}.")]
    public static partial void SaturationRaised(ILogger logger, AdmissionCap cap, int used, int capacity);

    [LoggerMessage(2, LogLevel.Information, "Admission: {Cap} is at 70 % or less again: {Used} of {Capacity}.")]
    public static partial void SaturationCleared(ILogger logger, AdmissionCap cap, int used, int capacity);

    [LoggerMessage(3, LogLevel.Error, "Admission: a handler of an event has failed. Admission goes on.")]
    public static partial void SaturationHandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "Admission is switched off: everybody is admitted at once, {Waiting} waiting visitors among them.")]
    public static partial void SwitchedOff(ILogger logger, int waiting);

    [LoggerMessage(5, LogLevel.Information, "Admission is switched on: {Seats} of {TotalCapacity} seats are taken.")]
    public static partial void SwitchedOn(ILogger logger, int seats, int totalCapacity);

    [LoggerMessage(6, LogLevel.Information, "Admission caps are now {RoomCapacity} a room, {ActiveRooms} active rooms, {TotalCapacity} in total.")]
    public static partial void Resized(ILogger logger, int roomCapacity, int activeRooms, int totalCapacity);

    [LoggerMessage(7, LogLevel.Error, "Admission: the changed options are not valid. The last valid ones stay in force.")]
    public static partial void ReloadRefused(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "Admission: {Cap} can never bind, because the total capacity of {TotalCapacity} is lower than its {Capacity}.")]
    public static partial void CapNeverBinds(ILogger logger, AdmissionCap cap, int capacity, int totalCapacity);

    [LoggerMessage(9, LogLevel.Warning, "Admission: a seat was taken away from its lease ({Loss}) and is free again. Dispose leases when the connection ends. {GivenAt}")]
    public static partial void LeaseLost(ILogger logger, string loss, string givenAt);

    [LoggerMessage(10, LogLevel.Information, "Admission drains: nobody is admitted any more, {Seats} seats are still taken.")]
    public static partial void Draining(ILogger logger, int seats);

    [LoggerMessage(30, LogLevel.Error, "Admission: the store of the seats does not answer. Who has a seat keeps it; until the store is back the mode is {Mode}.")]
    public static partial void StoreIsAway(ILogger logger, AdmissionFallback mode, Exception exception);

    [LoggerMessage(31, LogLevel.Information, "Admission: the store of the seats answers again and knows what this node holds.")]
    public static partial void StoreIsBack(ILogger logger);

    [LoggerMessage(32, LogLevel.Error, "Admission: this node did not reach the store for its lease. Its {Seats} seats were given to others; their leases are lost.")]
    public static partial void TenureOver(ILogger logger, int seats);
}
