namespace ScaleKit.Admission;

/// <summary>The caps and bounds that hold over all nodes. Immutable.</summary>
/// <param name="RoomCapacity">As <see cref="AdmissionOptions.RoomCapacity"/>.</param>
/// <param name="ActiveRooms">As <see cref="AdmissionOptions.ActiveRooms"/>.</param>
/// <param name="TotalCapacity">As <see cref="AdmissionOptions.TotalCapacity"/>.</param>
/// <param name="QueueCapacity">As <see cref="AdmissionOptions.QueueCapacity"/>.</param>
/// <param name="RoomQueueCapacity">As <see cref="AdmissionOptions.RoomQueueCapacity"/>.</param>
/// <param name="PriorityBurst">As <see cref="AdmissionOptions.PriorityBurst"/>.</param>
public sealed record SeatCaps(int RoomCapacity, int ActiveRooms, int TotalCapacity, int QueueCapacity, int RoomQueueCapacity, int PriorityBurst);
