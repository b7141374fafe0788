using System.Text.Json.Serialization;

namespace ChatRooms;

/// <summary>Every JSON form that the program reads or writes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ClientFrame))]
[JsonSerializable(typeof(WaitingFrame))]
[JsonSerializable(typeof(AdmittedFrame))]
[JsonSerializable(typeof(RefusedFrame))]
[JsonSerializable(typeof(LeftFrame))]
[JsonSerializable(typeof(PresenceFrame))]
[JsonSerializable(typeof(MessageFrame))]
[JsonSerializable(typeof(AckFrame))]
[JsonSerializable(typeof(LimitedFrame))]
[JsonSerializable(typeof(ErrorFrame))]
[JsonSerializable(typeof(ReceivedFrame))]
[JsonSerializable(typeof(ChatMessage))]
[JsonSerializable(typeof(HistoryPage))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(SwitchRequest))]
[JsonSerializable(typeof(MigrationRequest))]
[JsonSerializable(typeof(DashboardSnapshot))]
internal sealed partial class ChatJson : JsonSerializerContext;
